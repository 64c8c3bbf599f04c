import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { prepareGuest, runSchedule } from '../../../src/guest/index.ts';
import { cacheRoot, openCache } from '../../../src/lib/cache.ts';
import type { GuestEvent } from '../../../src/lib/events.ts';
import { PERMISSIVE } from '../../../src/lib/filter/index.ts';
import { type Hook, hooksForJob } from '../../../src/lib/hooks/index.ts';
import { type Arch, kernelIdSchema, scenarioIdSchema } from '../../../src/lib/ids.ts';
import { PLAIN_JOB, serializeJob } from '../../../src/lib/job.ts';
import { scenarioSchema } from '../../../src/lib/scenario.ts';
import { type KernelSources, provisionTarget } from '../../../src/provision/index.ts';

const LIMIT_SECONDS = 120;
const ID = scenarioIdSchema.parse('test/program');
const SEED = '1';

type Features = Readonly<Record<string, number>>;

export interface Where {
  arch: Arch;
  kernel: string;
  kernelSources: KernelSources;
}

/** A program, written as attacks are; `header` is programs.h beside it. */
export interface What {
  source: string;
  header?: string;
  /** Hooks that are there meanwhile, on a kernel with these features. */
  watch?: (features: Features) => readonly Hook[];
}

/** Runs a program in a sealed guest without a warden, to its end; all that was said. */
export async function runAlone(
  where: Where,
  what: What,
): Promise<{ events: readonly GuestEvent[]; features: Features }> {
  const signal = new AbortController().signal;
  const dir = await mkdtemp(path.join(tmpdir(), 'pf-alone-'));
  try {
    const { payload, attack } = await provision(where, what, dir, signal);
    await using guest = await prepareGuest(payload, 'sealed', openCache(process.env), signal);
    const { features } = guest.ready;
    const job = {
      ...PLAIN_JOB,
      ...{ seed: SEED, limitMs: LIMIT_SECONDS * 1000 },
      hooks: hooksForJob(what.watch?.(features) ?? [], where.arch, SEED),
      ...{ argv: [attack, '--shape', 'only'], env: [`PF_SEED=${SEED}`, 'PF_TRIALS=1'] },
    };
    const schedule = await runSchedule(guest, serializeJob(job, ID), { limitSeconds: LIMIT_SECONDS, signal });
    expect(schedule.end).toEqual({ kind: 'finished' });
    return { events: schedule.events, features };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function provision(
  { arch, kernel, kernelSources }: Where,
  what: What,
  dir: string,
  signal: AbortSignal,
) {
  const scenario = path.join(dir, ID);
  await mkdir(scenario, { recursive: true });
  await cp(what.source, path.join(scenario, 'attack.c'));
  if (what.header !== undefined) await writeFile(path.join(scenario, 'programs.h'), what.header);
  const provisioned = await provisionTarget(
    { arch, kernel: kernelIdSchema.parse(kernel) },
    {
      scenarios: [
        {
          ...{ ...scenarioSchema.parse(SCENARIO), policy: PERMISSIVE, id: ID, dir: scenario },
          attack: { id: ID, dir: scenario, file: 'attack.c' },
        },
      ],
      ...{ ready: false, signal, env: process.env, cacheRoot: cacheRoot(process.env) },
      onProgress: () => undefined,
      kernelSources,
    },
  );
  if (!provisioned.ok) throw new Error(provisioned.reason);
  const attack = provisioned.payload.attacks.get(ID);
  if (!attack?.ok) throw new Error(attack?.message);
  return { payload: provisioned.payload, attack: attack.path };
}

/** As much of a scenario as provisioning wants to see. */
const LANE = { warden: [], args: [] };
const ONE = { control: 1, guarded: 1, honest: 1 };
const SCENARIO = {
  ...{ claim: 'The program comes to its end.', attack: 'attack.c', policy: {} },
  ...{ shapes: { only: [] }, limit: `${LIMIT_SECONDS}s`, schedules: ONE, trials: ONE },
  lanes: { control: LANE, guarded: LANE, honest: LANE },
  breach: [{ from: 'attack', event: 'ran' }],
  ...{ work: { from: 'attack', event: 'ran' }, alive: [{ from: 'warden', event: 'judged' }] },
};
