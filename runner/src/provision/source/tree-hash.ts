import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../lib/replace-file.ts';
import type { Context } from '../context.ts';

/** Files that are looked at or read at once. */
const AT_ONCE = 32;
const EXECUTABLE = 0o111;

const storedSchema = z.strictObject({
  /** Over sizes and times: another one where a file was written to, whatever is in it now. */
  signature: z.string(),
  hash: z.string(),
});
export type TreeState = z.infer<typeof storedSchema>;

interface Entry {
  name: string;
  kind: 'file' | 'link';
  executable: boolean;
  stamp: string;
}

/**
 * SHA-256 over the names and contents of a tree, without `.git`. Reading 90,000 files takes its time, so the answer is
 * remembered for as long as no file's size, times or number change.
 */
export async function treeState(context: Context, dir: string): Promise<TreeState> {
  const entries = await entriesOf(dir, context.signal);
  const signature = sha256(entries.map(({ name, stamp }) => `${name}\0${stamp}\n`).join(''));
  const file = path.join(await context.cache.folder('kernel-trees'), `${sha256(dir).slice(0, 40)}.json`);
  const stored = await readStored(file);
  if (stored?.signature === signature) return stored;
  const hash = await contentHash(dir, entries, context.signal);
  await replaceFile(file, `${JSON.stringify({ signature, hash })}\n`);
  return { signature, hash };
}

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

/** Sorted by name, so that the order of the file system does not count. */
async function entriesOf(dir: string, signal: AbortSignal): Promise<Entry[]> {
  const names: { name: string; link: boolean }[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal.throwIfAborted();
    for (const found of await readdir(path.join(dir, folder), { withFileTypes: true })) {
      const name = path.join(folder, found.name);
      if (found.isDirectory() && found.name !== '.git') folders.push(name);
      if (found.isFile() || found.isSymbolicLink()) names.push({ name, link: found.isSymbolicLink() });
    }
  }
  // In a git worktree `.git` is a file.
  const wanted = names.filter(({ name }) => name !== '.git').sort((a, b) => (a.name < b.name ? -1 : 1));
  return inBatches(wanted, async ({ name, link }) => {
    const { size, mode, ino, mtimeNs, ctimeNs } = await lstat(path.join(dir, name), { bigint: true });
    return {
      name,
      kind: link ? 'link' : 'file',
      executable: !link && (Number(mode) & EXECUTABLE) !== 0,
      stamp: [size, mode, ino, mtimeNs, ctimeNs].join(' '),
    };
  });
}

async function contentHash(dir: string, entries: readonly Entry[], signal: AbortSignal): Promise<string> {
  const lines = await inBatches(entries, async ({ name, kind, executable }) => {
    signal.throwIfAborted();
    const file = path.join(dir, name);
    const content = kind === 'link' ? Buffer.from(await readlink(file)) : await readFile(file);
    return `${kind} ${executable ? 'x' : '-'} ${sha256(content)} ${name}\n`;
  });
  return sha256(lines.join(''));
}

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(work))));
  }
  return results;
}

async function readStored(file: string): Promise<z.infer<typeof storedSchema> | undefined> {
  try {
    return storedSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}
