import { createHash } from 'node:crypto';
import path from 'node:path';
import { allOrFirstFailure } from '../lib/all.ts';
import { imageFor, PERMISSIVE } from '../lib/filter/index.ts';
import { type ScenarioId, type Target, targetName } from '../lib/ids.ts';
import { type Machine, machines } from '../lib/machines/index.ts';
import type { Payload } from '../lib/payload.ts';
import { projectRoot } from '../lib/project.ts';
import type { Scenario } from '../lib/scenario.ts';
import { attackPath, attackPrograms, type BuiltAttack } from './attacks.ts';
import { benchFiles } from './bench-tools.ts';
import { type Catalogue, type CatalogueKernel, kernelOf, loadCatalogue } from './catalogue.ts';
import { type Context, step } from './context.ts';
import { hooksModule } from './hooks-module.ts';
import { type ImageFile, type ImageLink, imageTree, initramfs } from './initramfs.ts';
import type { Kernel } from './kernel.ts';
import { type ContextOptions, contextOf } from './make-context.ts';
import { flawedWarden, nativeBinaries, withSymbols } from './native-build.ts';
import { packagedKernel } from './packaged-kernel.ts';
import { resolveKernel } from './resolve-kernel.ts';
import { shellPrograms } from './shell-programs.ts';
import { sourceKernel } from './source-kernel.ts';
import { isPassing, Unavailable } from './unavailable.ts';

export { BENCH_POLICIES, type BenchPolicy, benchToolsOfHost, type HostTools } from './bench-tools.ts';
export {
  type Catalogue,
  type CatalogueKernel,
  loadCatalogue,
  type SourceKernel,
} from './catalogue.ts';
export type { KernelSources } from './context.ts';
export { type CpioEntry, writeCpio } from './cpio.ts';
export {
  buildKernel,
  checkKernelSources,
  fetchKernelSource,
  type Had,
  importKernel,
  kernelStates,
  packKernel,
} from './kernels.ts';
export type { ContextOptions } from './make-context.ts';

/** A policy that every guest has: it allows everything, and native/agent warms up under it. */
export const PERMISSIVE_POLICY = '/policies/permissive';

/** `shell` has a person's tools besides, `learn` busybox, `bench` the loads and peers of the benchmarks. */
export type Flavour = 'lab' | 'shell' | 'learn' | 'bench';

export interface ProvisionOptions extends ContextOptions {
  /** Their attacks go into the guest. */
  scenarios: readonly Scenario[];
  flavour?: Flavour;
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
  const context = contextOf(targetName(target), options);
  try {
    const machine = machines[target.arch];
    const attempt = async (): Promise<Payload> =>
      assemble(context, target, machine, await findKernel(context, kernel, machine), options);
    const payload = await attempt().catch((error: unknown) => {
      if (!isPassing(error) || options.ready || kernel.kind === 'source') throw error;
      // Old versions leave the mirrors: what the index said yesterday may be gone. It is asked once more.
      context.refreshedAt = Math.floor(context.now().getTime() / 60_000);
      return attempt();
    });
    return { ok: true, payload };
  } catch (error) {
    if (error instanceof Unavailable || isPassing(error)) {
      return { ok: false, reason: error.message, hint: error.hint ?? '`npm run doctor` tells more' };
    }
    throw error;
  }
}

/** Whether a target's kernel is there, so that nothing has to be built or downloaded for it. */
export async function isKernelReady(
  target: Target,
  catalogue: Catalogue,
  options: ContextOptions,
): Promise<boolean> {
  const context = contextOf(targetName(target), { ...options, ready: true, onProgress: () => undefined });
  try {
    const kernel = await findKernel(context, kernelOf(catalogue, target), machines[target.arch]);
    await kernel.image();
    return true;
  } catch (error) {
    if (error instanceof Unavailable || isPassing(error)) return false;
    throw error;
  }
}

/** A static busybox for a target, for a guest that is not to have one from the start. */
export async function busyboxFor(target: Target, options: ContextOptions): Promise<string> {
  const context = contextOf(targetName(target), options);
  const programs = await step(context, 'shell', () => shellPrograms(context, machines[target.arch]));
  const busybox = programs.find(({ path: name }) => name === 'bin/busybox');
  if (typeof busybox?.from !== 'string') throw new Error('images/shell.yaml names no bin/busybox');
  return busybox.from;
}

function findKernel(context: Context, kernel: CatalogueKernel, machine: Machine): Promise<Kernel> {
  if (kernel.kind === 'source') return step(context, 'kernel', () => sourceKernel(context, kernel, machine));
  return step(context, 'find', async () =>
    packagedKernel(context, await resolveKernel(context, kernel, machine), machine),
  );
}

async function assemble(
  context: Context,
  target: Target,
  machine: Machine,
  kernel: Kernel,
  { scenarios, flavour = 'lab' }: ProvisionOptions,
): Promise<Payload> {
  const source = path.join(projectRoot, 'native/hooks');
  const sources = scenarios.map(({ attack }) => attack);
  const [image, module, native, flawed, attacks, extra] = await allOrFirstFailure([
    step(context, 'image', () => kernel.image()),
    step(context, 'hook module', () => hooksModule(context, kernel, machine, source)),
    step(context, 'programs', () => nativeBinaries(context, machine)),
    step(context, 'flawed warden', () => flawedWarden(context, machine)),
    step(context, 'attacks', () => attackPrograms(context, machine, sources)),
    extraOf(flavour, context, kernel, machine),
  ]);
  const programs = new Map([
    ['/init', path.join(native, 'bin/agent')],
    ['/bin/warden', path.join(native, 'bin/warden')],
    ['/bin/warden-flawed', flawed],
    ['/bin/witness', path.join(native, 'bin/witness')],
    ...[...attacks].flatMap(([id, built]): [string, string][] =>
      built.ok ? [[attackPath(id), built.file]] : [],
    ),
  ]);
  const files: ImageFile[] = [
    ...(await imageTree('lab')),
    ...extra.files,
    ...[...programs].map(([name, from]) => ({ path: name.slice(1), from, mode: 0o755 })),
    { path: 'lib/modules/photofinish.ko', from: module, mode: 0o644 },
    { path: PERMISSIVE_POLICY.slice(1), from: imageFor(PERMISSIVE, machine.arch), mode: 0o644 },
    ...scenarios.map(({ id, policy }) => ({
      ...{ path: `policies/${id}`, from: imageFor(policy, machine.arch), mode: 0o644 },
    })),
    ...scenarios.flatMap(({ id, profile }): ImageFile[] =>
      profile === undefined ? [] : [{ path: `profiles/${id}`, from: Buffer.from(profile), mode: 0o644 }],
    ),
  ];
  const what = `the initramfs of ${targetName(target)}`;
  const { parameters = [] } = kernel;
  const root = await step(context, 'initramfs', () => initramfs(context, what, files, extra.links));
  return {
    target,
    machine: machineFor(kernel, machine),
    kernelImage: image.file,
    kernelRelease: kernel.release,
    kernelSource: kernel.origin,
    systemMap: kernel.systemMap,
    initramfs: root.file,
    programs: new Map([...programs].map(([name, file]) => [name, withSymbols(file)])),
    parameters,
    key: contentKey(image.sha256, root.sha256, ...parameters),
    attacks: attacksOf(scenarios, attacks),
  };
}

/** By the scenario that runs it, which need not be the one whose own it is. */
function attacksOf(
  scenarios: readonly Scenario[],
  built: ReadonlyMap<ScenarioId, BuiltAttack>,
): Payload['attacks'] {
  return new Map(
    scenarios.flatMap(({ id, attack }) => {
      const one = built.get(attack.id);
      return one ? [[id, one.ok ? { ok: true, path: attackPath(attack.id) } : one] as const] : [];
    }),
  );
}

const machineFor = ({ memoryMiB, slowness = 1 }: Kernel, machine: Machine): Machine => ({
  ...machine,
  memoryMiB: memoryMiB ?? machine.memoryMiB,
  bootLimitSeconds: machine.bootLimitSeconds * slowness,
});

const contentKey = (...parts: string[]): string =>
  createHash('sha256')
    .update(parts.map((part) => `${part}\n`).join(''))
    .digest('hex');

interface Extra {
  files: ImageFile[];
  links: ImageLink[];
}

function extraOf(flavour: Flavour, context: Context, kernel: Kernel, machine: Machine): Promise<Extra> {
  switch (flavour) {
    case 'lab':
      return Promise.resolve({ files: [], links: [] });
    case 'shell':
      return step(context, 'shell', () => shellExtra(context, kernel, machine));
    case 'learn':
      return step(context, 'busybox', () => learnExtra(context, machine));
    case 'bench':
      return step(context, 'bench', async () => ({ files: await benchFiles(context, machine), links: [] }));
  }
}

async function shellExtra(context: Context, kernel: Kernel, machine: Machine): Promise<Extra> {
  const [programs, modules, tree] = await allOrFirstFailure([
    shellPrograms(context, machine),
    kernel.nicModules(),
    imageTree('shell'),
  ]);
  return { files: [...programs, ...modules, ...tree], links: [SH] };
}

const SH: ImageLink = { path: 'bin/sh', target: 'busybox' };

async function learnExtra(context: Context, machine: Machine): Promise<Extra> {
  const programs = await shellPrograms(context, machine);
  return { files: programs.filter(({ path: name }) => name === 'bin/busybox'), links: [SH] };
}
