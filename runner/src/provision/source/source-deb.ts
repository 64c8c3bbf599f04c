import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { LabError } from '../../lib/errors.ts';
import type { KernelId } from '../../lib/ids.ts';
import { run } from '../../lib/process.ts';
import { type DebPackage, debPackageSchema, hostArch, openSuite } from '../apt.ts';
import { unpack } from '../archive.ts';
import type { SourcePackage } from '../catalogue.ts';
import type { Context } from '../context.ts';
import { firstSuite } from '../first-suite.ts';
import { once } from '../once.ts';
import { fetchPackage } from '../packages.ts';
import { remembered } from '../remembered.ts';

/** The distribution's package of a kernel's source: a tarball below usr/src in a package of no arch. */

const UNPACK_LIMIT_SECONDS = 1800;

const answerSchema = z.strictObject({ v: z.literal(1), at: z.iso.datetime(), deb: debPackageSchema });

/** The newest such package, and the kernel's version in it, `6.1.170`. */
export async function sourceDeb(
  context: Context,
  id: KernelId,
  source: SourcePackage,
): Promise<{ deb: DebPackage; version: string }> {
  const { deb } = await once(context, `package of ${id}`, () =>
    remembered(context, id, id, answerSchema, () => search(context, source)),
  );
  const version = /^(?:\d+:)?(\d+\.\d+(?:\.\d+)?)/.exec(deb.version)?.[1] ?? '';
  if (version === source.version || version.startsWith(`${source.version}.`)) return { deb, version };
  throw new LabError(`${id}: ${deb.name} is at ${deb.version}, which is no ${source.version}`, {
    code: 'bad-apt-index',
  });
}

async function search(context: Context, source: SourcePackage): Promise<z.infer<typeof answerSchema>> {
  const arch = await hostArch(context);
  const deb = await firstSuite(source.suites, `package ${source.package}`, async (suite) => {
    const found = (await openSuite(context, suite, arch)).find(source.package);
    if (found) return found.deb;
    throw new LabError(`there is no package ${source.package}`, { code: 'bad-apt-index' });
  });
  return { v: 1, at: context.now().toISOString(), deb };
}

/** Unpacks the tree itself into a folder. */
export async function unpackSourceDeb(context: Context, deb: DebPackage, dir: string): Promise<void> {
  const file = await fetchPackage(context, deb);
  context.onStep('kernel', 'running', `unpacking ${deb.name}`);
  const scratch = path.join(dir, 'scratch');
  await mkdir(scratch);
  await unpack(context, file, scratch, ['./usr/src']);
  const names = (await readdir(path.join(scratch, 'usr/src'))).filter((name) => /\.tar\.\w+$/.test(name));
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw new LabError(`${deb.name} holds ${names.length} tarballs, and not one`, { code: 'bad-apt-index' });
  }
  const words = ['-x', '-f', path.join(scratch, 'usr/src', name), '-C', dir];
  await run('tar', [...words, '--strip-components=1', '--no-same-owner'], {
    signal: context.signal,
    env: { ...context.env, LC_ALL: 'C' },
    limitSeconds: UNPACK_LIMIT_SECONDS,
  });
  await rm(scratch, { recursive: true });
}
