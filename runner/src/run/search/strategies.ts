import type { Draw } from '../../lib/draw.ts';
import type { Hook } from '../../lib/hooks/index.ts';

/** What plain schedules have shown of a cell's lane: what there is to be delayed. */
export interface Sighting {
  /** Threads that made calls, and how many calls they made, in one schedule. */
  tasks: number;
  calls: number;
  /** Calls next to those of others that they have to do with, the nearest first. */
  nearMisses: readonly NearMiss[];
  /** Names of tasks (comm), as far as the lab gives them. */
  names: readonly string[];
  /** Whether a call can be held before it is made: kernels from 6.13 on. */
  holdsCalls: boolean;
}

export interface NearMiss {
  syscall: string;
  gapNs: number;
}

/** A way to disturb a schedule. All that it draws comes from the schedule's seed. */
export interface Strategy {
  name: string;
  /** What a person should know of it: where it is from, and what it can promise. */
  about: (seen: Sighting) => string;
  levers: (draw: Draw, seen: Sighting) => Hook[];
  /** Whether there ever are levers, for which the module has to be there, and something to have been seen. */
  disturbs: boolean;
  /** How many times as many trials as the others' its schedules have. */
  trials: number;
}

const disturbing = { disturbs: true, trials: 1 };

const us = (count: number): string => `${Math.max(1, Math.round(count))}us`;
const unseen = { priority: 0, record: false } as const;

/** Everybody, or the tasks of one name. */
function someone(draw: Draw, { names }: Sighting): Pick<Hook, 'comm'> {
  const comm = draw.pick([undefined, ...names]);
  return comm === undefined ? {} : { comm };
}

/** Nothing but the attack's own choices. */
const plain: Strategy = {
  name: 'plain',
  about: () => 'repetition with other seeds, without levers',
  levers: () => [],
  disturbs: false,
  trials: 1,
};

/** As many as the kit needs to find the moment: each trial that came too soon or too late moves the next one. */
const TRIALS_TO_AIM = 16;

const aim: Strategy = {
  name: 'aim',
  about: () =>
    `${TRIALS_TO_AIM} times the trials in a schedule, each aimed by those before it, without levers`,
  levers: () => [],
  disturbs: false,
  trials: TRIALS_TO_AIM,
};

const jitter: Strategy = {
  ...disturbing,
  name: 'jitter',
  about: () => 'uniform delays at the ends of calls, and before them where the kernel allows it',
  levers: (draw, seen) => {
    const points = seen.holdsCalls ? (['return', 'call', 'both'] as const) : (['return'] as const);
    const point = draw.pick(points);
    const hold = us(draw.between(5, 10_000));
    const oneIn = draw.between(1, 64);
    const who = someone(draw, seen);
    const lever = (on: 'return' | 'call'): Hook => ({
      ...unseen,
      ...who,
      on,
      syscall: 'all',
      do: { hold, 'one-in': oneIn },
    });
    return point === 'both' ? [lever('call'), lever('return')] : [lever(point)];
  },
};

const LOWEST = 19;

const starve: Strategy = {
  ...disturbing,
  name: 'starve',
  about: () =>
    "long starvation of some tasks, in the manner of rr's chaos mode: urgency by chance, and rare long delays",
  levers: (draw, seen) => {
    const half = draw.between(2, 4);
    return [
      { ...unseen, on: 'fork', do: { nice: LOWEST, 'one-in': half } },
      { ...unseen, on: 'exec', do: { nice: LOWEST, 'one-in': half } },
      { ...unseen, on: 'return', syscall: 'all', do: { nice: 0, 'one-in': draw.between(8, 64) } },
      {
        ...{ ...unseen, ...someone(draw, seen), on: 'return', syscall: 'all' },
        do: { hold: us(draw.between(5000, 100_000)), 'one-in': draw.between(16, 256) },
      },
    ];
  },
};

/** Bugs of more than this many ordered steps are left to others. */
const DEEPEST = 3;

const pct: Strategy = {
  ...disturbing,
  name: 'pct',
  about: ({ tasks, calls }) =>
    `PCT (Burckhardt et al. 2010) with n = ${tasks} tasks, k = ${calls} calls, d from 1 to ${DEEPEST}: strict priorities would find a bug of depth d with a probability of at least 1/(n k^(d-1)) a schedule; nice values only come near to strict`,
  levers: (draw, { tasks, calls }) => {
    const depth = 1 + draw.below(DEEPEST);
    const first = [-20, -10, 10, LOWEST].map(
      (nice): Hook => ({ ...unseen, on: 'fork', do: { nice, 'one-in': Math.max(2, tasks) } }),
    );
    const changes = Array.from(
      { length: depth },
      (_, i): Hook => ({
        ...unseen,
        on: 'return',
        syscall: 'all',
        do: { nice: LOWEST - i, 'one-in': Math.max(2, calls) },
      }),
    );
    return [...first.slice(0, 2 + draw.below(3)), ...changes];
  },
};

const nearMiss: Strategy = {
  ...disturbing,
  name: 'near-miss',
  about: ({ nearMisses }) =>
    `delays where two tasks came near to each other, in the manner of TSVD: ${nearMisses.map(({ syscall }) => syscall).join(', ') || 'no such place was seen'}`,
  levers: (draw, seen) => {
    const [first, ...more] = seen.nearMisses;
    if (!first) return jitter.levers(draw, seen);
    const lever = (): Hook => {
      const { syscall, gapNs } = draw.pick([first, ...more]);
      const on = draw.pick(seen.holdsCalls ? (['return', 'call'] as const) : (['return'] as const));
      const hold = us((gapNs / 1000) * draw.between(1, 64));
      return { ...unseen, on, syscall, do: { hold, 'one-in': draw.between(1, 8) } };
    };
    return Array.from({ length: 1 + draw.below(2) }, lever);
  },
};

export const STRATEGIES = [plain, aim, jitter, starve, pct, nearMiss] as const satisfies readonly Strategy[];
export const STRATEGY_NAMES = STRATEGIES.map(({ name }) => name);
