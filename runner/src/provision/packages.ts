import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LabError } from '../lib/errors.ts';
import { aptConfiguration, type DebPackage, runApt } from './apt.ts';
import type { Context, Download } from './context.ts';
import { obtain } from './unavailable.ts';

const APT_HELPER = '/usr/lib/apt/apt-helper';
/** The slowest line that is still waited for. */
const BYTES_PER_SECOND = 100_000;
const SMALLEST_LIMIT_SECONDS = 60;

/** Downloads through apt's own helper, so that the host's proxies and schemes work. */
export const aptDownload: Download = async (context, uri, file, bytes) => {
  const env = { ...context.env, ...(await aptConfiguration(context)) };
  const limitSeconds = SMALLEST_LIMIT_SECONDS + bytes / BYTES_PER_SECOND;
  await runApt(APT_HELPER, ['download-file', uri, file], { signal: context.signal, limitSeconds, env });
};

/** The package's file, in the cache. Its hash is checked when it comes and each time it is used. */
export async function fetchPackage(context: Context, deb: DebPackage): Promise<string> {
  const inputs = { sha256: deb.sha256 };
  const place = () =>
    obtain(context, `the package ${deb.name} ${deb.version}`, 'packages', inputs, (dir) =>
      downloadChecked(context, deb, path.join(dir, fileName(deb))),
    );
  const file = path.join(await place(), fileName(deb));
  const size = await stat(file).catch(() => undefined);
  if (size && (await sha256OfFile(file)) === deb.sha256) return file;
  await context.cache.drop('packages', inputs);
  return path.join(await place(), fileName(deb));
}

const fileName = (deb: DebPackage): string =>
  decodeURIComponent(path.posix.basename(new URL(deb.uri).pathname));

/** A transfer that was damaged on its way is likely whole the second time; twice the wrong content is an error. */
export async function downloadChecked(context: Context, deb: DebPackage, file: string): Promise<void> {
  let found = '';
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await context.download(context, deb.uri, file, deb.bytes);
    found = await sha256OfFile(file);
    if (found === deb.sha256) return;
    await rm(file);
  }
  throw new LabError(`${fileName(deb)} has SHA-256 ${found}, but the index says ${deb.sha256}`, {
    code: 'package-damaged',
    hint: 'the mirror may be in the middle of an update: try again later',
  });
}

export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
