import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** SHA-256 over the names and contents of files below a folder, in a fixed order. */
export async function sourceHash(root: string, wanted: (name: string) => boolean): Promise<string> {
  const hash = createHash('sha256');
  for (const name of await filesBelow(root, wanted)) {
    const content = await readFile(path.join(root, name));
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Paths relative to the folder, sorted, of the files (and, if asked for, the symbolic links) that are wanted. */
export async function filesBelow(
  root: string,
  wanted: (name: string) => boolean,
  { links = false } = {},
): Promise<string[]> {
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile() || (links && entry.isSymbolicLink()))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter(wanted)
    .sort();
}
