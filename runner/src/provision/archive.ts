import { run } from '../lib/process.ts';
import type { Context } from './context.ts';

const LIMIT_SECONDS = 300;

const limits = (context: Context) => ({
  signal: context.signal,
  env: context.env,
  limitSeconds: LIMIT_SECONDS,
});

/** Unpacks a package's files below a folder; `flags` are tar's, to leave some out. */
export async function unpack(
  context: Context,
  deb: string,
  dir: string,
  flags: readonly string[] = [],
): Promise<void> {
  const script =
    'set -o pipefail; deb=$1 dir=$2; shift 2; dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir" --no-same-owner "$@"';
  await run('bash', ['-c', script, 'unpack', deb, dir, ...flags], limits(context));
}

/**
 * Takes a few files, by their exact names, out of a package, and stops reading behind the last of them: the image
 * lies at the start of a package that is hundreds of MiB large. tar alone knows whether all were found.
 */
export async function unpackFirst(
  context: Context,
  deb: string,
  dir: string,
  names: readonly string[],
): Promise<void> {
  const script =
    'deb=$1 dir=$2; shift 2; dpkg-deb --fsys-tarfile "$deb" 2>/dev/null | tar -x -C "$dir" --no-same-owner --occurrence=1 "$@"';
  await run('bash', ['-c', script, 'unpack', deb, dir, ...names], limits(context));
}

/** The tar archive inside a package, as a file: for whoever looks into it more than once. */
export async function unpackTar(context: Context, deb: string, file: string): Promise<void> {
  await run('bash', ['-c', 'dpkg-deb --fsys-tarfile "$1" > "$2"', 'unpack', deb, file], limits(context));
}

export async function tarNames(context: Context, tar: string): Promise<string[]> {
  const { stdout } = await run('tar', ['-tf', tar], limits(context));
  return stdout.split('\n').filter((name) => name !== '');
}

export async function untar(
  context: Context,
  tar: string,
  dir: string,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  await run('tar', ['-x', '-f', tar, '-C', dir, '--no-same-owner', ...names], limits(context));
}
