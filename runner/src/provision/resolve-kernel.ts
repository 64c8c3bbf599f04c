import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ownName } from '../lib/cache-use.ts';
import { LabError } from '../lib/errors.ts';
import { targetName } from '../lib/ids.ts';
import type { Machine } from '../lib/machines/index.ts';
import { run } from '../lib/process.ts';
import { type DebPackage, type IndexedPackage, openSuite, type SuiteIndex } from './apt.ts';
import type { PackagedKernel } from './catalogue.ts';
import type { Context } from './context.ts';
import { dependenciesOf } from './control-file.ts';
import { once } from './once.ts';
import { isPassing, notReady, Unavailable } from './unavailable.ts';

const packageSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  suite: z.string(),
  uri: z.string(),
  bytes: z.number(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const resolvedSchema = z.strictObject({
  v: z.literal(1),
  at: z.iso.datetime(),
  release: z.string(),
  image: packageSchema,
  headers: packageSchema,
  common: packageSchema,
  kbuild: packageSchema,
});

/** What a line of the catalogue means today: concrete packages, all of one version. */
export type ResolvedKernel = z.infer<typeof resolvedSchema>;

const DAY_MS = 86_400_000;

/**
 * The packages of a kernel. What was found less than a day ago is taken as it is; an older answer serves when the
 * distribution cannot be reached.
 */
export async function resolveKernel(
  context: Context,
  kernel: PackagedKernel,
  machine: Machine,
): Promise<ResolvedKernel> {
  const target = targetName({ arch: machine.arch, kernel: kernel.id });
  const meta = kernel.packages[machine.arch];
  if (!meta) {
    const arches = Object.keys(kernel.packages).join(', ');
    throw new Unavailable(
      `${kernel.id} is not packaged for ${machine.arch}`,
      `kernels/catalogue.yaml has it for ${arches}`,
    );
  }
  const file = path.join(await context.cache.folder('resolved'), `${kernel.id}-${machine.arch}.json`);
  const stored = await readStored(file);
  if (context.ready) {
    if (stored) return stored;
    throw notReady(context.cache, target);
  }
  const age = stored ? context.now().getTime() - Date.parse(stored.at) : Number.POSITIVE_INFINITY;
  if (stored && age >= 0 && age < DAY_MS && context.refreshedAt === 0) return stored;
  try {
    const found = await search(context, kernel, meta, machine);
    await writeStored(file, found);
    return found;
  } catch (error) {
    if (!isPassing(error)) throw error;
    if (stored) return stored;
    throw new Unavailable(
      `${target}: ${error.message}`,
      error.hint ?? 'is the network up? `npm run doctor` tells more',
      error,
    );
  }
}

async function search(
  context: Context,
  kernel: PackagedKernel,
  meta: string,
  machine: Machine,
): Promise<ResolvedKernel> {
  const failures: string[] = [];
  for (const suite of kernel.suites) {
    try {
      return await searchSuite(context, suite, meta, machine);
    } catch (error) {
      if (!isPassing(error)) throw error;
      failures.push(`${suite}: ${error.message}`);
    }
  }
  throw new LabError(failures.join('\n'), { code: 'no-apt-source' });
}

async function searchSuite(
  context: Context,
  suite: string,
  meta: string,
  machine: Machine,
): Promise<ResolvedKernel> {
  const [guest, host] = await Promise.all([
    openSuite(context, suite, machine.debianArch),
    hostArch(context).then((arch) => openSuite(context, suite, arch)),
  ]);
  const image = dependency(guest, meta, /^linux-image-/);
  const release = image.deb.name.slice('linux-image-'.length);
  const headers = find(guest, `linux-headers-${release}`);
  const common = dependency(guest, headers.deb.name, /^linux-headers-.*-common/);
  // The build tools run here, so they are of this arch; they must be of the kernel's version all the same.
  const kbuild = find(host, nameLike(dependenciesOf(headers.stanza), /^linux-kbuild-/, headers.deb.name));
  const all = { image: image.deb, headers: headers.deb, common: common.deb, kbuild: kbuild.deb };
  for (const deb of Object.values(all)) {
    if (deb.version === image.deb.version) continue;
    throw missing(`${deb.name} is at ${deb.version}, but ${image.deb.name} at ${image.deb.version}`);
  }
  return { v: 1, at: context.now().toISOString(), release, ...all };
}

function dependency(index: SuiteIndex, name: string, pattern: RegExp): IndexedPackage {
  const owner = find(index, name);
  return find(index, nameLike(dependenciesOf(owner.stanza), pattern, name));
}

function nameLike(names: readonly string[], pattern: RegExp, owner: string): string {
  const found = names.find((name) => pattern.test(name));
  if (found) return found;
  throw missing(`${owner} depends on nothing like ${pattern.source}`);
}

function find(index: SuiteIndex, name: string): IndexedPackage {
  const found = index.find(name);
  if (found) return found;
  throw missing(`there is no package ${name}`);
}

const missing = (message: string): LabError => new LabError(message, { code: 'bad-apt-index' });

function hostArch(context: Context): Promise<string> {
  return once(context, 'host-arch', async () => {
    const options = { signal: context.signal, env: context.env, limitSeconds: 20 };
    return (await run('dpkg', ['--print-architecture'], options)).stdout.trim();
  });
}

/** A file that is missing, or that an older version wrote, is the same as no answer. */
async function readStored(file: string): Promise<ResolvedKernel | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return resolvedSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function writeStored(file: string, resolved: ResolvedKernel): Promise<void> {
  const temporary = `${file}.${ownName()}`;
  await writeFile(temporary, `${JSON.stringify(resolved, null, 2)}\n`);
  await rename(temporary, file);
}

export const packagesOf = ({ image, headers, common, kbuild }: ResolvedKernel): DebPackage[] => [
  ...[image, headers, common, kbuild],
];
