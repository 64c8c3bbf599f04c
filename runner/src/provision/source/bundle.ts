import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { CacheInputs } from '../../lib/cache.ts';
import { LabError } from '../../lib/errors.ts';
import { archSchema, kernelIdSchema } from '../../lib/ids.ts';
import { sha256OfFile } from '../packages.ts';
import { filesBelow } from '../source-hash.ts';
import { type BuildPlan, bundleInputs, kernelWords, srcArch } from './build-plan.ts';
import type { Workplace } from './make.ts';
import { collectModuleTree } from './module-tree.ts';
import { originOf, type Source } from './source.ts';

/** The kind of cache entry a built kernel is. */
export const BUNDLE = 'kernel-source';
export const MANIFEST = 'manifest.json';

const jsonSchema: z.ZodType<CacheInputs> = z.lazy(() =>
  z.union([
    z.null(),
    z.boolean(),
    z.number(),
    z.string(),
    z.array(jsonSchema),
    z.record(z.string(), jsonSchema),
  ]),
);
const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

export const manifestSchema = z.strictObject({
  v: z.literal(1),
  kernel: kernelIdSchema,
  arch: archSchema,
  /** uname -r */
  release: z.string().regex(/^[\w.+~-]+$/),
  origin: z.string().min(1),
  /** What it was built with: the compiler, and what make was told of it. */
  toolchain: z.strictObject({ compiler: z.string(), make: z.array(z.string()) }),
  /** What the cache's key is made of: `build` is the project's part, the same wherever it is built. */
  inputs: z.strictObject({ build: jsonSchema, source: jsonSchema, compiler: z.string() }),
  files: z.record(
    z.string(),
    z.strictObject({ sha256: sha256Schema, executable: z.literal(true).optional() }),
  ),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** A built kernel: `image`, `System.map`, `config`, `build/` for modules, and what is known of them. */
export interface Bundle {
  dir: string;
  manifest: Manifest;
}

export async function readBundle(dir: string): Promise<Bundle> {
  const text = await readFile(path.join(dir, MANIFEST), 'utf8');
  return { dir, manifest: manifestSchema.parse(JSON.parse(text)) };
}

export async function collectBundle(
  plan: BuildPlan,
  source: Source,
  place: Workplace,
  dir: string,
): Promise<void> {
  const { objects } = place;
  const images = { image: plan.entry.image, 'System.map': 'System.map', config: '.config' };
  for (const [name, from] of Object.entries(images)) {
    await copyFile(path.join(objects, from), path.join(dir, name)).catch((cause: unknown) => {
      throw new LabError(`make ended well, and left no ${from}`, { code: 'kernel-build-failed', cause });
    });
  }
  await mkdir(path.join(dir, 'build'));
  await collectModuleTree(place.tree, objects, srcArch(plan.machine), path.join(dir, 'build'));
  const release = (await readFile(path.join(objects, 'include/config/kernel.release'), 'utf8')).trim();
  const manifest: Manifest = manifestSchema.parse({
    ...{ v: 1, kernel: plan.kernel.id, arch: plan.machine.arch, release, origin: originOf(source) },
    toolchain: { compiler: plan.compilerLine, make: kernelWords(plan) },
    inputs: bundleInputs(plan, source),
    files: await hashesOf(dir),
  });
  await writeFile(path.join(dir, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);
}

const EXECUTABLE = 0o100;

async function hashesOf(dir: string): Promise<Manifest['files']> {
  const files: Manifest['files'] = {};
  for (const name of await filesBelow(dir, () => true)) {
    const file = path.join(dir, name);
    const executable = ((await stat(file)).mode & EXECUTABLE) !== 0;
    files[name] = { sha256: await sha256OfFile(file), ...(executable ? { executable } : {}) };
  }
  return files;
}
