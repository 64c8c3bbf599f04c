import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheKey } from '../lib/cache.ts';
import { targetName } from '../lib/ids.ts';
import type { Machine } from '../lib/machines/index.ts';
import type { SourceKernel } from './catalogue.ts';
import type { Context } from './context.ts';
import type { ImageFile } from './initramfs.ts';
import type { Kernel } from './kernel.ts';
import { builtBundle } from './source/build.ts';
import { type BuildPlan, buildPlan, bundleInputs, kernelWords } from './source/build-plan.ts';
import { BUNDLE, type Bundle, readBundle } from './source/bundle.ts';
import { findSource } from './source/find-source.ts';
import { importedBundle } from './source/imported.ts';
import { checkObtainable } from './source/release.ts';
import { isPinned } from './source/source.ts';
import { notReady, obtain } from './unavailable.ts';

/** A kernel of the catalogue that is built: as it lies in the cache, or was imported, or can be made. */
export async function sourceKernel(
  context: Context,
  kernel: SourceKernel,
  machine: Machine,
): Promise<Kernel> {
  const plan = await buildPlan(context, kernel, machine);
  return asKernel(context, plan, await bundleOf(context, plan));
}

/**
 * A source that the user names is what is used, or nothing. Else a kernel that is there needs no source: first the one
 * that would be built here, then one that was imported.
 */
export async function bundleOf(context: Context, plan: BuildPlan): Promise<Bundle> {
  const there = await bundleThere(context, plan);
  if (there) return there;
  if (context.ready) throw notReady(context.cache, `the kernel ${targetOf(plan)}`);
  const source = await findSource(context, plan.kernel);
  if (source.kind === 'release') await checkObtainable(context, source, plan.kernel.id);
  return readBundle(await builtBundle(context, plan, source));
}

/** The bundle that is there; nothing is downloaded or built. */
export async function bundleThere(context: Context, plan: BuildPlan): Promise<Bundle | undefined> {
  const source = await findSource(context, plan.kernel);
  const found = await context.cache.find(BUNDLE, bundleInputs(plan, source));
  if (found) return readBundle(found);
  return isPinned(source) ? importedBundle(context, plan) : undefined;
}

const targetOf = ({ kernel, machine }: BuildPlan): string =>
  targetName({ arch: machine.arch, kernel: kernel.id });

function asKernel(context: Context, plan: BuildPlan, { dir, manifest }: Bundle): Kernel {
  return {
    release: manifest.release,
    origin: manifest.origin,
    inputs: { kernel: cacheKey(manifest.inputs) },
    compiler: plan.compiler,
    memoryMiB: plan.kernel.memoryMiB,
    parameters: plan.kernel.parameters,
    slowness: plan.kernel.slowness,
    systemMap: path.join(dir, 'System.map'),
    image: async () => ({ file: path.join(dir, 'image'), sha256: manifest.files.image?.sha256 ?? '' }),
    moduleTree: async () => ({ dir: path.join(dir, 'build'), words: kernelWords(plan) }),
    nicModules: () => noModules(context),
  };
}

/** The fragments build every driver in: the list of modules is there and empty. */
async function noModules(context: Context): Promise<ImageFile[]> {
  const inputs = { recipe: 1, none: true };
  const dir = await obtain(context, 'the list of modules', 'nic-modules', inputs, (building) =>
    writeFile(path.join(building, 'modules'), ''),
  );
  return [{ path: 'etc/modules', from: path.join(dir, 'modules'), mode: 0o644 }];
}
