import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { unpackFirst } from './archive.ts';
import type { Context } from './context.ts';
import { busy } from './once.ts';
import { fetchPackage, sha256OfFile } from './packages.ts';
import { packagesOf, type ResolvedKernel } from './resolve-kernel.ts';
import { obtain } from './unavailable.ts';

/** Goes up when the contents of a bundle change their meaning. */
const RECIPE = 1;

const manifestSchema = z.strictObject({
  v: z.literal(1),
  release: z.string(),
  packages: z.array(
    z.strictObject({ name: z.string(), version: z.string(), suite: z.string(), sha256: z.string() }),
  ),
  /** SHA-256 of each file of the bundle. */
  files: z.record(z.string(), z.string()),
});

/** A kernel as it boots: `vmlinuz`, `config` and `manifest.json` in one folder of the cache. */
export interface KernelBundle {
  dir: string;
  image: string;
  release: string;
  imageSha256: string;
}

export async function kernelBundle(context: Context, kernel: ResolvedKernel): Promise<KernelBundle> {
  const inputs = { recipe: RECIPE, packages: packagesOf(kernel).map(({ sha256 }) => sha256) };
  const dir = await obtain(context, `the kernel ${kernel.release}`, 'kernel', inputs, (building) =>
    build(context, kernel, building),
  );
  const text = await readFile(path.join(dir, 'manifest.json'), 'utf8');
  const manifest = manifestSchema.parse(JSON.parse(text));
  return {
    dir,
    image: path.join(dir, 'vmlinuz'),
    release: manifest.release,
    imageSha256: manifest.files.vmlinuz ?? '',
  };
}

async function build(context: Context, kernel: ResolvedKernel, dir: string): Promise<void> {
  const deb = await fetchPackage(context, kernel.image);
  const names = ['vmlinuz', 'config'];
  const scratch = path.join(dir, 'scratch');
  await mkdir(scratch);
  const members = names.map((name) => `./boot/${name}-${kernel.release}`);
  await busy(context, () => unpackFirst(context, deb, scratch, members));
  const files: Record<string, string> = {};
  for (const name of names) {
    await rename(path.join(scratch, `boot/${name}-${kernel.release}`), path.join(dir, name));
    files[name] = await sha256OfFile(path.join(dir, name));
  }
  await rm(scratch, { recursive: true });
  const packages = packagesOf(kernel).map(({ name, version, suite, sha256 }) => ({
    name,
    version,
    suite,
    sha256,
  }));
  const manifest = manifestSchema.parse({ v: 1, release: kernel.release, packages, files });
  await writeFile(path.join(dir, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
