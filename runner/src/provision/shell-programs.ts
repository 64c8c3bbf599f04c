import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { LabError } from '../lib/errors.ts';
import { ARCHES } from '../lib/ids.ts';
import type { Machine } from '../lib/machines/index.ts';
import { projectRoot } from '../lib/project.ts';
import { readYaml } from '../lib/yaml-file.ts';
import { type DebPackage, openSuite, type SuiteIndex } from './apt.ts';
import { unpack } from './archive.ts';
import type { Context } from './context.ts';
import { dependenciesOf } from './control-file.ts';
import { firstSuite } from './first-suite.ts';
import type { ImageFile } from './initramfs.ts';
import { busy } from './once.ts';
import { fetchPackage } from './packages.ts';
import { buildFromSource, SOURCES, sourceInputs } from './shell-from-source.ts';
import { filesBelow } from './source-hash.ts';
import { obtain } from './unavailable.ts';

const shellSchema = z.strictObject({
  suites: z.array(z.string()).min(1),
  packages: z.array(z.string()).min(1),
  programs: z.array(z.string()).min(1),
  without: z.array(z.string()).default([]),
  fromSource: z.strictObject({ arches: z.array(z.enum(ARCHES)), sources: z.array(z.enum(SOURCES)).min(1) }),
});
type ShellImage = z.infer<typeof shellSchema>;

const RECIPE = 1;

/**
 * busybox, dropbear and the libraries they need, of the guest's arch: from its packages, or built where the suites have
 * none. Refreshed when images/shell.yaml changes.
 */
export async function shellPrograms(context: Context, machine: Machine): Promise<ImageFile[]> {
  const image = await readYaml(path.join(projectRoot, 'images/shell.yaml'), shellSchema);
  const { suites, fromSource } = image;
  const { sources } = fromSource;
  const isBuilt = fromSource.arches.includes(machine.arch);
  const built = isBuilt ? await sourceInputs(context, machine, sources) : null;
  const inputs = { recipe: RECIPE, arch: machine.debianArch, image, built };
  const what = `the shell's programs for ${machine.arch}`;
  const dir = await obtain(context, what, 'shell', inputs, async (building) => {
    if (isBuilt) await buildFromSource(context, machine, { suites, sources }, building);
    else await takePackages(context, machine, image, building);
    await keepOnly(building, image);
  });
  const names = (await readFile(path.join(dir, 'files'), 'utf8')).split('\n').filter((name) => name !== '');
  return names.map((name) => ({ path: name, from: path.join(dir, name), mode: 0o755 }));
}

async function takePackages(
  context: Context,
  machine: Machine,
  image: ShellImage,
  dir: string,
): Promise<void> {
  const debs = await firstSuite(image.suites, `shell for ${machine.arch}`, async (suite) =>
    closure(await openSuite(context, suite, machine.debianArch), image),
  );
  const files = await Promise.all(debs.map((deb) => fetchPackage(context, deb)));
  for (const file of files) await busy(context, () => unpack(context, file, dir));
}

/** The packages and all they depend on. */
function closure(index: SuiteIndex, image: ShellImage): DebPackage[] {
  const found = new Map<string, DebPackage>();
  const wanted = [...image.packages];
  for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
    if (found.has(name) || image.without.includes(name)) continue;
    const indexed = index.find(name);
    if (!indexed) throw new LabError(`there is no package ${name}`, { code: 'bad-apt-index' });
    found.set(name, indexed.deb);
    wanted.push(...dependenciesOf(indexed.stanza));
  }
  return [...found.values()];
}

const isLibrary = (name: string): boolean =>
  /^(usr\/)?lib\d*\/(.*\/)?(lib[^/]+|ld[^/]*)\.so(\.[^/]*)?$/.test(name);
/** Parts of the C library that no shell loads. */
const isSpare = (name: string): boolean =>
  /\/(gconv|audit)\/|\/lib(c_malloc_debug|pcprofile|memusage|SegFault)\.so/.test(name);

/** Leaves the programs and libraries, and writes their names to `files`. */
async function keepOnly(dir: string, image: ShellImage): Promise<void> {
  const all = await entriesBelow(dir);
  const kept = all.filter((name) => image.programs.includes(name) || (isLibrary(name) && !isSpare(name)));
  const lost = image.programs.find((name) => !kept.includes(name));
  if (lost) throw new LabError(`no package of images/shell.yaml has ${lost}`, { code: 'bad-shell-image' });
  const scratch = path.join(dir, 'kept');
  for (const name of kept) {
    await mkdir(path.join(scratch, path.dirname(name)), { recursive: true });
    await rename(path.join(dir, name), path.join(scratch, name));
  }
  for (const top of new Set(all.map((name) => name.split('/')[0] ?? name))) {
    await rm(path.join(dir, top), { recursive: true, force: true });
  }
  for (const top of new Set(kept.map((name) => name.split('/')[0] ?? name))) {
    await rename(path.join(scratch, top), path.join(dir, top));
  }
  await rm(scratch, { recursive: true });
  await writeFile(path.join(dir, 'files'), kept.map((name) => `${name}\n`).join(''));
}

const entriesBelow = (dir: string): Promise<string[]> => filesBelow(dir, () => true, { links: true });
