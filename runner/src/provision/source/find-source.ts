import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { LabError, UserError } from '../../lib/errors.ts';
import { lastLines, run } from '../../lib/process.ts';
import { ownSource, type SourceKernel } from '../catalogue.ts';
import type { Context } from '../context.ts';
import { once } from '../once.ts';
import { sha256OfFile } from '../packages.ts';
import { releaseFile } from './release.ts';
import type { Source } from './source.ts';
import { sourceDeb, unpackSourceDeb } from './source-deb.ts';
import { treeState } from './tree-hash.ts';
import { checkVersion, versionOfMakefile } from './version.ts';

const ARCHIVE = /\.tar(\.(xz|gz|zst))?$/;
const UNPACK_LIMIT_SECONDS = 1800;

/** Where a kernel's source is to be taken from: the user's own if there is one, else the release. Nothing is downloaded. */
export function findSource(context: Context, kernel: SourceKernel): Promise<Source> {
  const own = ownSource(context.kernelSources, kernel);
  if (own === undefined) return pinnedSource(context, kernel);
  return once(context, `source ${kernel.sibling} ${own}`, () => lookAt(context, kernel, own));
}

async function pinnedSource(context: Context, { id, source }: SourceKernel): Promise<Source> {
  if ('url' in source) return { kind: 'release', ...source };
  const { deb, version } = await sourceDeb(context, id, source);
  return { kind: 'package', version, sha256: deb.sha256, deb };
}

/** Whatever is wrong with a path that somebody typed is theirs to mend. */
async function lookAt(context: Context, kernel: SourceKernel, place: string): Promise<Source> {
  const found = await stat(place).catch((cause: unknown) => {
    throw badSource(`${kernel.id}: there is no ${place}`, { cause });
  });
  if (found.isDirectory()) return lookAtTree(context, kernel, place);
  if (found.isFile() && ARCHIVE.test(place)) return lookAtArchive(context, kernel, place);
  throw badSource(`${kernel.id}: ${place} is neither a folder nor a .tar, .tar.xz, .tar.gz or .tar.zst`, {});
}

async function lookAtTree(context: Context, kernel: SourceKernel, dir: string): Promise<Source> {
  const makefile = await readFile(path.join(dir, 'Makefile'), 'utf8').catch(() => '');
  const version = checkVersion(dir, versionOfMakefile(makefile), kernel.source.version);
  const built = ['.config', 'include/config', 'include/generated'].find((name) =>
    existsSync(path.join(dir, name)),
  );
  if (built) {
    throw badSource(`${dir} was built in: ${built} is there, and would mix with what the lab builds`, {
      hint: `\`make -C ${dir} mrproper\` cleans it (that removes its .config: keep a copy)`,
    });
  }
  return { kind: 'tree', dir, version, sha256: (await treeState(context, dir)).hash };
}

async function lookAtArchive(context: Context, kernel: SourceKernel, file: string): Promise<Source> {
  const sha256 = await sha256OfFile(file);
  // It is the release itself, and what was built of either serves both.
  if ('url' in kernel.source && sha256 === kernel.source.sha256)
    return { kind: 'archive', file, version: kernel.source.version, sha256 };
  const words = [
    '-xO',
    '-f',
    file,
    '--occurrence=1',
    '--wildcards',
    '--no-wildcards-match-slash',
    '*/Makefile',
  ];
  const makefile = await tar(context, file, words);
  return {
    kind: 'archive',
    file,
    version: checkVersion(file, versionOfMakefile(makefile), kernel.source.version),
    sha256,
  };
}

/** The tree of a source, for reading only: the user's own as it lies there, or an unpacked archive in the cache. */
export async function sourceTree(context: Context, kernel: SourceKernel, source: Source): Promise<string> {
  if (source.kind === 'tree') return source.dir;
  const dir = await context.cache.entry('kernel-tree', { sha256: source.sha256 }, async (building) => {
    if (source.kind === 'package') return unpackSourceDeb(context, source.deb, building);
    const file = source.kind === 'archive' ? source.file : await releaseFile(context, source, kernel.id);
    context.onStep('kernel', 'running', `unpacking ${path.basename(file)}`);
    await tar(context, file, ['-x', '-f', file, '-C', building, '--strip-components=1', '--no-same-owner']);
  });
  return dir;
}

async function tar(context: Context, file: string, words: readonly string[]): Promise<string> {
  const options = {
    signal: context.signal,
    env: { ...context.env, LC_ALL: 'C' },
    limitSeconds: UNPACK_LIMIT_SECONDS,
  };
  try {
    return (await run('tar', words, options)).stdout;
  } catch (error) {
    if (!(error instanceof LabError) || error.code !== 'program-failed') throw error;
    throw unreadable(file, error);
  }
}

/** xz, gzip and zstd each have their own words for a file that ends too early. */
function unreadable(file: string, error: LabError): UserError {
  if (/No space left|Disk quota/.test(error.message)) throw error;
  const cut = /unexpected end|premature end|unexpected eof|truncated/i.test(error.message);
  const none = /Not found in archive/.test(error.message);
  const what = cut ? 'is cut off' : none ? 'holds no kernel’s source' : 'cannot be unpacked';
  return badSource(`${file} ${what}:\n${lastLines(error.message, 4)}`, {
    ...{
      cause: error,
      hint: cut ? 'download it once more' : 'is it a release of the kernel, as kernel.org has it?',
    },
  });
}

export const badSource = (message: string, more: { hint?: string; cause?: unknown }): UserError =>
  new UserError(message, { code: 'bad-kernel-source', ...more });
