import { createHash } from 'node:crypto';
import { lstat, readFile, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../lib/project.ts';
import type { Context } from './context.ts';
import { type CpioEntry, writeCpio } from './cpio.ts';
import { sha256OfFile } from './packages.ts';
import { filesBelow } from './source-hash.ts';
import { obtain } from './unavailable.ts';

const RECIPE = 2;

/** A file or link of the guest, and where its content is on the host, or the content itself. */
export interface ImageFile {
  /** Relative to the guest's root. */
  path: string;
  from: string | Uint8Array;
  mode: number;
}

/** A link that is made, not copied. */
export interface ImageLink {
  path: string;
  target: string;
}

const FOLDERS = [
  'bin',
  'attacks',
  'dev',
  'etc',
  'lib',
  'lib/modules',
  'proc',
  'root',
  'run',
  'sys',
  'tmp',
  'usr',
];
const STICKY = 0o1777;

/** The kernel opens /dev/console before init has a chance to mount anything there. */
const CONSOLE: CpioEntry = { kind: 'device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 };
const NULL_DEVICE: CpioEntry = { kind: 'device', path: 'dev/null', mode: 0o666, major: 1, minor: 3 };

/** Everything below `images/<flavour>/`, as it lies there. */
export async function imageTree(flavour: string): Promise<ImageFile[]> {
  const root = path.join(projectRoot, 'images', flavour);
  const names = await filesBelow(root, () => true);
  return names.map((name) => ({ path: name, from: path.join(root, name), mode: 0o644 }));
}

/**
 * The first root of a guest, an uncompressed archive in the cache: the host copies it in faster than an emulated
 * guest unpacks a compressed one.
 */
export async function initramfs(
  context: Context,
  what: string,
  files: readonly ImageFile[],
  links: readonly ImageLink[] = [],
): Promise<{ file: string; sha256: string }> {
  const hashed = await Promise.all(
    files.map(async ({ path: name, from, mode }) => ({ name, mode, content: await contentKey(from) })),
  );
  const inputs = {
    recipe: RECIPE,
    files: hashed,
    links: links.map(({ path: name, target }) => ({ name, target })),
  };
  const dir = await obtain(context, what, 'initramfs', inputs, async (building) => {
    const archive = writeCpio(await entriesOf(files, links));
    await writeFile(path.join(building, 'initramfs.cpio'), archive);
  });
  const file = path.join(dir, 'initramfs.cpio');
  return { file, sha256: await sha256OfFile(file) };
}

async function contentKey(file: ImageFile['from']): Promise<string> {
  if (typeof file !== 'string') return createHash('sha256').update(file).digest('hex');
  const link = (await lstat(file)).isSymbolicLink();
  return link ? `link:${await readlink(file)}` : await sha256OfFile(file);
}

/** Sorted by path, so that folders come first and the same files give the same bytes. */
async function entriesOf(files: readonly ImageFile[], links: readonly ImageLink[]): Promise<CpioEntry[]> {
  const entries = new Map<string, CpioEntry>();
  const add = (entry: CpioEntry): void => {
    for (const folder of foldersOf(entry.path)) {
      if (!entries.has(folder)) entries.set(folder, { kind: 'dir', path: folder, mode: 0o755 });
    }
    entries.set(entry.path, entry);
  };
  for (const folder of FOLDERS) add({ kind: 'dir', path: folder, mode: folder === 'tmp' ? STICKY : 0o755 });
  for (const device of [CONSOLE, NULL_DEVICE]) add(device);
  for (const { path: name, target } of links) add({ kind: 'link', path: name, target });
  const contents = new Map<string, Promise<Uint8Array>>();
  for (const file of files) add(await fileEntry(file, contents));
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What comes from one file of the host is one file of the guest, whatever number of names it has. */
async function fileEntry(
  { path: name, from, mode }: ImageFile,
  contents: Map<string, Promise<Uint8Array>>,
): Promise<CpioEntry> {
  if (typeof from !== 'string') return { kind: 'file', path: name, mode, content: from };
  if ((await lstat(from)).isSymbolicLink()) return { kind: 'link', path: name, target: await readlink(from) };
  const content = contents.get(from) ?? readFile(from);
  contents.set(from, content);
  return { kind: 'file', path: name, mode, content: await content };
}

function foldersOf(name: string): string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
