import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import path from 'node:path';
import { cacheAt } from '../lib/cache.ts';
import { type Target, targetName } from '../lib/ids.ts';
import { type Machine, machines } from '../lib/machines/index.ts';
import type { Payload } from '../lib/payload.ts';
import type { OnProgress } from '../lib/progress.ts';
import { projectRoot } from '../lib/project.ts';
import type { Scenario } from '../lib/scenario.ts';
import { type Catalogue, kernelOf, loadCatalogue } from './catalogue.ts';
import { type Context, type Environment, step } from './context.ts';
import { hooksModule } from './hooks-module.ts';
import { type ImageFile, type ImageLink, imageTree, initramfs } from './initramfs.ts';
import { kernelBundle } from './kernel-bundle.ts';
import { attackBinary, type BuiltAttack, nativeBinaries } from './native-build.ts';
import { nicModules } from './nic-modules.ts';
import { aptDownload } from './packages.ts';
import { type ResolvedKernel, resolveKernel } from './resolve-kernel.ts';
import { shellPrograms } from './shell-programs.ts';
import { isPassing, Unavailable } from './unavailable.ts';

export { type Catalogue, loadCatalogue, type PackagedKernel } from './catalogue.ts';
export { writeCpio } from './cpio.ts';

export type Flavour = 'lab' | 'shell';

export interface ProvisionOptions {
  /** Their attacks go into the guest. */
  scenarios: readonly Scenario[];
  flavour?: Flavour;
  /** Build and download nothing. */
  ready: boolean;
  signal: AbortSignal;
  onProgress: OnProgress;
  env: Environment;
  cacheRoot: string;
  /** kernels/catalogue.yaml unless given. */
  catalogue?: Catalogue;
}

export type Provisioned = { ok: true; payload: Payload } | { ok: false; reason: string; hint: string };

/**
 * Makes a target bootable, from the cache as far as it reaches. A target that cannot be had is a value with its
 * reason; an exception is the lab's own trouble (a full disk, a module that does not build) or wrong words.
 */
export async function provisionTarget(target: Target, options: ProvisionOptions): Promise<Provisioned> {
  const kernel = kernelOf(options.catalogue ?? (await loadCatalogue()), target);
  const context = contextOf(target, options);
  try {
    const machine = machineOf(target);
    const resolved = await step(context, 'find', () => resolveKernel(context, kernel, machine));
    const fresh = async (): Promise<ResolvedKernel> => {
      context.refreshedAt = Math.floor(context.now().getTime() / 60_000);
      return resolveKernel(context, kernel, machine);
    };
    const payload = await assemble(context, target, machine, resolved, options).catch(
      async (error: unknown) => {
        if (!isPassing(error) || options.ready) throw error;
        // Old versions leave the mirrors: what the index said yesterday may be gone. It is asked once more.
        return assemble(context, target, machine, await fresh(), options);
      },
    );
    return { ok: true, payload };
  } catch (error) {
    if (error instanceof Unavailable || isPassing(error)) {
      return { ok: false, reason: error.message, hint: error.hint ?? '`npm run doctor` tells more' };
    }
    throw error;
  }
}

function contextOf(target: Target, { ready, signal, onProgress, env, cacheRoot }: ProvisionOptions): Context {
  const name = targetName(target);
  // Every program that runs at once listens to it, and that many is no leak.
  const own = AbortSignal.any([signal]);
  setMaxListeners(0, own);
  return {
    cache: cacheAt(cacheRoot),
    env,
    signal: own,
    ready,
    now: () => new Date(),
    refreshedAt: 0,
    download: aptDownload,
    onStep: (what, state, detail) =>
      onProgress({
        kind: 'provision',
        target: name,
        step: what,
        state,
        ...(detail === undefined ? {} : { detail }),
      }),
  };
}

function machineOf(target: Target): Machine {
  const machine = machines[target.arch];
  if (machine) return machine;
  const known = Object.keys(machines).join(', ');
  throw new Unavailable(
    `the lab has no machine for ${target.arch}`,
    `it has ${known}; runner/src/lib/machines says how`,
  );
}

async function assemble(
  context: Context,
  target: Target,
  machine: Machine,
  kernel: ResolvedKernel,
  { scenarios, flavour = 'lab' }: ProvisionOptions,
): Promise<Payload> {
  const source = path.join(projectRoot, 'native/hooks');
  const [bundle, module, native, attacks, extra] = await allOrFirstFailure([
    step(context, 'kernel', () => kernelBundle(context, kernel)),
    step(context, 'hook module', () => hooksModule(context, kernel, machine, source)),
    step(context, 'programs', () => nativeBinaries(context, machine)),
    step(context, 'attacks', () => buildAttacks(context, machine, scenarios)),
    flavour === 'shell' ? step(context, 'shell', () => shellExtra(context, kernel, machine)) : NO_EXTRA,
  ]);
  const files: ImageFile[] = [
    ...(await imageTree('lab')),
    ...extra.files,
    { path: 'init', from: path.join(native, 'bin/agent'), mode: 0o755 },
    { path: 'bin/warden', from: path.join(native, 'bin/warden'), mode: 0o755 },
    { path: 'bin/witness', from: path.join(native, 'bin/witness'), mode: 0o755 },
    { path: 'lib/modules/photofinish.ko', from: module, mode: 0o644 },
    ...[...attacks].flatMap(([id, built]) =>
      built.ok ? [{ path: `attacks/${id}`, from: built.file, mode: 0o755 }] : [],
    ),
  ];
  const what = `the initramfs of ${targetName(target)}`;
  const root = await step(context, 'initramfs', () => initramfs(context, what, files, extra.links));
  return {
    target,
    machine,
    kernelImage: bundle.image,
    kernelRelease: bundle.release,
    initramfs: root.file,
    key: createHash('sha256').update(`${bundle.imageSha256}\n${root.sha256}\n`).digest('hex'),
    attacks: new Map(
      [...attacks].map(([id, built]) => [id, built.ok ? { ok: true, path: `/attacks/${id}` } : built]),
    ),
  };
}

async function buildAttacks(context: Context, machine: Machine, scenarios: readonly Scenario[]) {
  const built = scenarios.map(async (scenario): Promise<[Scenario['id'], BuiltAttack]> => {
    return [scenario.id, await attackBinary(context, machine, scenario)];
  });
  return new Map(await allOrFirstFailure(built));
}

interface Extra {
  files: ImageFile[];
  links: ImageLink[];
}

const NO_EXTRA: Promise<Extra> = Promise.resolve({ files: [], links: [] });

async function shellExtra(context: Context, kernel: ResolvedKernel, machine: Machine): Promise<Extra> {
  const [programs, modules, tree] = await allOrFirstFailure([
    shellPrograms(context, machine),
    nicModules(context, kernel, machine),
    imageTree('shell'),
  ]);
  return { files: [...programs, ...modules, ...tree], links: [{ path: 'bin/sh', target: 'busybox' }] };
}

/** Like Promise.all, but nothing is still writing to the cache when the first failure is thrown. */
async function allOrFirstFailure<T extends readonly unknown[]>(
  work: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  await Promise.allSettled(work);
  return Promise.all(work) as Promise<unknown> as Promise<T>;
}
