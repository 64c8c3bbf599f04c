import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Edit } from '../catalogue.ts';
import { Unavailable } from '../unavailable.ts';

/**
 * Makes the catalogue's changes in a farm of links to a kernel's tree: each file that is changed becomes a copy, and
 * the tree itself stays as it is.
 */
export async function applyEdits(farm: string, edits: readonly Edit[]): Promise<void> {
  for (const name of new Set(edits.map(({ file }) => file))) {
    const own = edits.filter((edit) => edit.file === name);
    const file = path.join(farm, name);
    const { mode } = await statOf(file, name);
    const changed = own.reduce(applyEdit, await readFile(file, 'utf8'));
    // A write would go through the link, into the tree.
    await rm(file);
    await writeFile(file, changed, { mode });
  }
}

/** Refused unless what is to be replaced is there exactly once: another tree may need another change. */
export function applyEdit(text: string, { file, find, replace, why }: Edit): string {
  const parts = text.split(find);
  if (parts.length === 2) return parts.join(replace);
  const count = parts.length - 1;
  throw new Unavailable(
    `kernels/catalogue.yaml changes ${file} (${why}), where \`${find.trim()}\` is to be found once, not ${count} times`,
    'does this tree have the change already, or another form of that line?',
  );
}

async function statOf(file: string, name: string) {
  return stat(file).catch((cause: unknown) => {
    throw new Unavailable(
      `kernels/catalogue.yaml changes ${name}, and the kernel’s tree has no such file`,
      'is the tree whole, and of the version it says?',
      cause,
    );
  });
}
