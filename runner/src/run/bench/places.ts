import { cacheRoot } from '../../lib/cache.ts';
import { UserError } from '../../lib/errors.ts';
import { type Target, targetName } from '../../lib/ids.ts';
import { benchToolsOfHost, isKernelReady, type Provisioned, provisionTarget } from '../../provision/index.ts';
import type { TargetOptions } from '../target-options.ts';
import { measureCalls } from './calls.ts';
import { openGuest } from './guest.ts';
import { measureHooks } from './hooks.ts';
import { openHost } from './host.ts';
import { measureLearn } from './learn.ts';
import { measureMemory } from './memory.ts';
import type { Place } from './place.ts';
import type { Bench, BenchRow } from './rows.ts';

/** Where to measure: the host, a target, or the first of some targets whose kernel is there already. */
export type Where =
  | { kind: 'host' }
  | { kind: 'guest'; target: Target }
  | { kind: 'ready'; candidates: readonly Target[] };

export interface PlacesBenchOptions extends Omit<TargetOptions, 'target' | 'scenarios'> {
  places: readonly Where[];
}

/** What the hook module adds to calls, in guests. */
export const benchHooks = (options: PlacesBenchOptions): Promise<Bench> => {
  const places = options.places.filter(({ kind }) => kind !== 'host');
  return measureAt('hooks', { ...options, places }, measureHooks, { root: true });
};

/** What the warden adds to calls, beside what strace adds to the same ones, and what it takes of memory. */
export const benchWarden = (options: PlacesBenchOptions): Promise<Bench> =>
  measureAt('warden', options, async (place) => [
    ...(await measureCalls(place)),
    ...(await measureMemory(place)),
  ]);

/** What a workload's being learned costs it. */
export const benchLearn = (options: PlacesBenchOptions): Promise<Bench> =>
  measureAt('learn', options, measureLearn);

async function measureAt(
  bench: string,
  options: PlacesBenchOptions,
  measure: (place: Place) => Promise<BenchRow[]>,
  standing?: Standing,
): Promise<Bench> {
  const rows: BenchRow[] = [];
  for (const where of options.places) {
    const place = await openPlace(where, options, standing);
    if (!place) continue;
    await using _place = place;
    options.onProgress({ kind: 'note', text: `measuring on ${place.name}` });
    rows.push(...(await measure(place)));
  }
  return { bench, rows };
}

async function openPlace(
  where: Where,
  options: PlacesBenchOptions,
  standing: Standing = { root: false },
): Promise<Place | undefined> {
  switch (where.kind) {
    case 'host':
      return await openHostOrSay(options);
    case 'guest':
      return await openTarget(where.target, options, standing);
    case 'ready': {
      const target = await firstReady(where.candidates, options);
      return target && (await openTarget(target, options, standing));
    }
  }
}

async function openHostOrSay(options: PlacesBenchOptions): Promise<Place | undefined> {
  const tools = await benchToolsOfHost(provisioning(options));
  if (tools) return openHost(tools, options);
  options.onProgress({ kind: 'note', text: 'the warden is not built for the arch of this host' });
  return undefined;
}

/** Whose the commands are. */
interface Standing {
  root: boolean;
}

async function openTarget(target: Target, options: PlacesBenchOptions, { root }: Standing): Promise<Place> {
  const provisioned = await provisionTarget(target, {
    ...{ ...provisioning(options), catalogue: options.catalogue },
    ...{ scenarios: [], flavour: 'bench' },
  });
  if (!provisioned.ok) throw unavailable(provisioned);
  return openGuest(target, provisioned.payload, { ...options, root });
}

const unavailable = ({ reason, hint }: Extract<Provisioned, { ok: false }>): UserError =>
  new UserError(reason, { code: 'target-unavailable', hint });

async function firstReady(
  candidates: readonly Target[],
  options: PlacesBenchOptions,
): Promise<Target | undefined> {
  for (const target of candidates) {
    if (await isKernelReady(target, options.catalogue, provisioning(options))) return target;
  }
  const text = `left out, for its kernel is not there yet: ${candidates.map(targetName).join(', ')}`;
  options.onProgress({ kind: 'note', text });
  return undefined;
}

const provisioning = ({ env, signal, onProgress, kernelSources }: PlacesBenchOptions) => ({
  ...{ env, signal, onProgress, kernelSources, ready: false, cacheRoot: cacheRoot(env) },
});
