import { UserError } from '../lib/errors.ts';
import { type Arch, type KernelId, type Target, targetName } from '../lib/ids.ts';
import { machines } from '../lib/machines/index.ts';
import { archesOf, type Catalogue, kernelOf, ownSource, type SourceKernel } from './catalogue.ts';
import { type Context, step } from './context.ts';
import { type ContextOptions, contextOf } from './make-context.ts';
import { fetchPackage } from './packages.ts';
import { buildPlan } from './source/build-plan.ts';
import { findSource } from './source/find-source.ts';
import { importBundle, packBundle } from './source/pack.ts';
import { releaseFile } from './source/release.ts';
import { originOf } from './source/source.ts';
import { bundleOf, bundleThere } from './source-kernel.ts';
import { isPassing, Unavailable } from './unavailable.ts';

/** What the word `kernels` does with kernels that are built from source. */

export type Had = { ok: true; text: string } | { ok: false; reason: string; hint: string };

/** Looks at the user's own sources before anything is started: what is wrong with them is a UserError. */
export async function checkKernelSources(
  catalogue: Catalogue,
  kernels: Iterable<KernelId>,
  options: ContextOptions,
): Promise<void> {
  for (const id of new Set(kernels)) {
    const kernel = catalogue.get(id);
    if (kernel?.kind !== 'source' || ownSource(options.kernelSources, kernel) === undefined) continue;
    const context = contextOf(id, options);
    // All files of a tree are looked at, which takes its time.
    await step(context, 'source', () => findSource(context, kernel));
  }
}

/** The bundle of a target, from the cache or built now. */
export async function buildKernel(
  target: Target,
  catalogue: Catalogue,
  options: ContextOptions,
): Promise<Had> {
  const context = contextOf(targetName(target), options);
  return had(async () => {
    const plan = await planOf(context, target, catalogue);
    const { manifest } = await step(context, 'kernel', () => bundleOf(context, plan));
    return `${manifest.release}, ${manifest.origin}`;
  });
}

/** The source of a kernel, downloaded if it is not the user's own. */
export async function fetchKernelSource(kernel: SourceKernel, options: ContextOptions): Promise<Had> {
  const context = contextOf(kernel.id, options);
  return had(async () => {
    const source = await findSource(context, kernel);
    if (source.kind === 'release') {
      await step(context, 'kernel', () => releaseFile(context, source, kernel.id));
    }
    if (source.kind === 'package') await step(context, 'kernel', () => fetchPackage(context, source.deb));
    return originOf(source);
  });
}

/** How each of a kernel's arches stands: what is there, or that it would have to be built. Nothing is built. */
export async function kernelStates(
  kernel: SourceKernel,
  catalogue: Catalogue,
  options: ContextOptions,
): Promise<[Arch, string][]> {
  const states = archesOf(kernel).map(async (arch): Promise<[Arch, string]> => {
    const target = { arch, kernel: kernel.id };
    const context = contextOf(targetName(target), options);
    try {
      const bundle = await bundleThere(context, await planOf(context, target, catalogue));
      return [arch, bundle ? `${bundle.manifest.release}, ${bundle.manifest.origin}` : 'not built'];
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      return [arch, `not built: ${error.message}`];
    }
  });
  return Promise.all(states);
}

export async function packKernel(
  target: Target,
  file: string,
  catalogue: Catalogue,
  options: ContextOptions,
): Promise<string> {
  const context = contextOf(targetName(target), options);
  const bundle = await bundleThere(context, await planOf(context, target, catalogue));
  if (!bundle) {
    throw new UserError(`${targetName(target)} is not built`, {
      code: 'not-built',
      hint: `\`npm run kernels -- build ${targetName(target)}\` builds it`,
    });
  }
  await packBundle(bundle, file, context.signal);
  return `${bundle.manifest.release}, ${bundle.manifest.origin}`;
}

/** The target that a packed kernel is for, and what is to be said of it. */
export async function importKernel(
  file: string,
  catalogue: Catalogue,
  options: ContextOptions,
): Promise<{ target: Target; text: string; stale: boolean }> {
  const context = contextOf(file, options);
  const { manifest } = await importBundle(context, file);
  const target = { arch: manifest.arch, kernel: manifest.kernel };
  const text = `${manifest.release}, ${manifest.origin}`;
  return { target, text, stale: !(await isCurrent(context, target, catalogue)) };
}

/** Whether provisioning would take what was imported; it was perhaps built from other fragments than there are here. */
async function isCurrent(context: Context, target: Target, catalogue: Catalogue): Promise<boolean> {
  try {
    return (await bundleThere(context, await planOf(context, target, catalogue))) !== undefined;
  } catch (error) {
    if (error instanceof Unavailable || error instanceof UserError) return false;
    throw error;
  }
}

async function planOf(context: Context, target: Target, catalogue: Catalogue) {
  const kernel = kernelOf(catalogue, target);
  if (kernel.kind === 'source') return buildPlan(context, kernel, machines[target.arch]);
  throw new UserError(`${kernel.id} is a packaged kernel: there is nothing to build or to pack`, {
    code: 'not-a-source-kernel',
    hint: '`npm run kernels -- list` shows which kernels are built',
  });
}

async function had(work: () => Promise<string>): Promise<Had> {
  try {
    return { ok: true, text: await work() };
  } catch (error) {
    const known = error instanceof Unavailable || isPassing(error);
    if (!known) throw error;
    return { ok: false, reason: error.message, hint: error.hint ?? '`npm run doctor` tells more' };
  }
}
