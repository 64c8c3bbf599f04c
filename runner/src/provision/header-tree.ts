import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { unpack } from './archive.ts';
import type { Context } from './context.ts';
import { busy } from './once.ts';
import { fetchPackage } from './packages.ts';
import type { ResolvedKernel } from './resolve-kernel.ts';
import { obtain } from './unavailable.ts';

const RECIPE = 1;

/**
 * The tree that a module for a packaged kernel is built against: the arch's headers, the common ones and the host's
 * build tools, side by side. Returns the folder for `make -C`.
 */
export async function headerTree(context: Context, kernel: ResolvedKernel): Promise<string> {
  const parts = [kernel.headers, kernel.common, kernel.kbuild];
  const inputs = { recipe: RECIPE, packages: parts.map(({ sha256 }) => sha256) };
  const what = `the header tree of ${kernel.release}`;
  const dir = await obtain(context, what, 'headers', inputs, async (building) => {
    const debs = await Promise.all(parts.map((part) => fetchPackage(context, part)));
    for (const deb of debs)
      await busy(context, () => unpack(context, deb, building, ['--exclude=./usr/share']));
    await makeRelocatable(path.join(building, 'usr/src', kernel.headers.name));
  });
  return path.join(dir, 'usr/src', kernel.headers.name);
}

/** The package's Makefile expects its neighbour at its installed place; make runs in this folder, so `..` finds it too. */
async function makeRelocatable(headers: string): Promise<void> {
  const makefile = path.join(headers, 'Makefile');
  await writeFile(makefile, relocate(await readFile(makefile, 'utf8')));
}

export const relocate = (makefile: string): string =>
  makefile.replaceAll(/^include \/usr\/src\//gm, 'include ../');
