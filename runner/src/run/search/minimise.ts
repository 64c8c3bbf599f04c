import type { Hook } from '../../lib/hooks/index.ts';

/** What of a breaching schedule can be made smaller. */
export interface Breaching {
  trials: number;
  levers: readonly Hook[];
}

/** Whether this one breaches as well. */
export type StillBreaches = (smaller: Breaching) => Promise<boolean>;

/** Finer than this no delay matters: it is some calls' time. */
const LEAST_HOLD_NS = 1000;

/**
 * The smallest that could be found: no lever of it can be left out, no delay halved, and with fewer trials it does not
 * breach. A breach need not go on with every larger value, so what comes back is always one that was seen.
 */
export async function minimise(start: Breaching, breaches: StillBreaches): Promise<Breaching> {
  const fewer = await fewestTrials(start, breaches);
  const bare = await withoutNeedless(fewer, breaches);
  return shortest(bare, breaches);
}

async function fewestTrials(from: Breaching, breaches: StillBreaches): Promise<Breaching> {
  for (let trials = 1; trials < from.trials; trials *= 2) {
    const smaller = { ...from, trials };
    if (await breaches(smaller)) return smaller;
  }
  return from;
}

async function withoutNeedless(from: Breaching, breaches: StillBreaches): Promise<Breaching> {
  let { levers } = from;
  for (const lever of from.levers) {
    const without = levers.filter((other) => other !== lever);
    if (await breaches({ ...from, levers: without })) levers = without;
  }
  // One that was needed while another was there may be so no more.
  return levers.length < from.levers.length && levers.length > 0
    ? withoutNeedless({ ...from, levers }, breaches)
    : { ...from, levers };
}

async function shortest(from: Breaching, breaches: StillBreaches): Promise<Breaching> {
  let smallest = from;
  for (const index of from.levers.keys()) smallest = await shorterHold(smallest, index, breaches);
  return smallest;
}

async function shorterHold(from: Breaching, index: number, breaches: StillBreaches): Promise<Breaching> {
  const hold = holdNs(from.levers[index]);
  if (hold === undefined || hold <= LEAST_HOLD_NS) return from;
  const smaller = withHold(from, index, Math.ceil(hold / 2));
  return (await breaches(smaller)) ? shorterHold(smaller, index, breaches) : from;
}

const NS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

/** The longest that a lever may hold; undefined for those that do something else. */
export function holdNs(hook: Hook | undefined): number | undefined {
  const deed = hook?.do;
  if (typeof deed !== 'object' || !('hold' in deed)) return undefined;
  const [, count, unit = ''] = /^(\d+)([a-z]+)$/.exec(deed.hold) ?? [];
  return Number(count) * (NS[unit] ?? Number.NaN);
}

function withHold(from: Breaching, index: number, ns: number): Breaching {
  const levers = from.levers.map((hook, at) =>
    at === index && typeof hook.do === 'object' && 'hold' in hook.do
      ? { ...hook, do: { ...hook.do, hold: `${ns}ns` } }
      : hook,
  );
  return { ...from, levers };
}

/** The last of those that were before it: none, or as many as are needed, to a power of two. */
export async function fewestBefore(
  all: readonly string[],
  breaches: (before: readonly string[]) => Promise<boolean>,
): Promise<readonly string[]> {
  for (let count = 0; count < all.length; count = count === 0 ? 1 : 2 * count) {
    const fewer = count === 0 ? [] : all.slice(-count);
    if (await breaches(fewer)) return fewer;
  }
  return all;
}
