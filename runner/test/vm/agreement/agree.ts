import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { prepareGuest, runSchedule } from '../../../src/guest/index.ts';
import { cacheRoot, openCache } from '../../../src/lib/cache.ts';
import type { GuestEvent } from '../../../src/lib/events.ts';
import { PERMISSIVE } from '../../../src/lib/filter/index.ts';
import { metadataOf } from '../../../src/lib/filter/metadata/index.ts';
import { type Arch, type KernelId, scenarioIdSchema } from '../../../src/lib/ids.ts';
import { PLAIN_JOB, serializeJob } from '../../../src/lib/job.ts';
import { scenarioSchema } from '../../../src/lib/scenario.ts';
import { type KernelSources, provisionTarget } from '../../../src/provision/index.ts';
import { type Program, programsHeader, randomPrograms } from './programs.ts';

const LIMIT_SECONDS = 120;
const ID = scenarioIdSchema.parse('filter/agreement');

/** Has a kernel run random programs; fails unless it agrees with the interpreter and with the expressions. */
export async function agreesOn(
  arch: Arch,
  kernel: string,
  sources: KernelSources = new Map(),
): Promise<void> {
  const programs = randomPrograms(arch);
  const events = await runIn(arch, kernel as KernelId, programs, sources);
  const returned = events.filter((event) => event.from === 'attack' && event.event === 'returned');
  expect(returned).toHaveLength(programs.length);
  let ruled = 0;
  for (const [at, { calls, rules }] of programs.entries()) {
    const event = returned[at];
    const told = event && 'results' in event ? String(event.results) : '';
    const what = `program ${at}: ${rules.join('; ')}`;
    expect({ ...event }, what).toMatchObject({ n: at, signal: 0, status: 0 });
    expect(told.split(' ').map(Number), what).toEqual(calls.map(({ wanted }) => wanted));
    expect(
      calls.map(({ interpreted }) => interpreted),
      what,
    ).toEqual(calls.map(({ wanted }) => wanted));
    ruled += calls.filter(({ wanted }) => wanted >= 2000).length;
  }
  // Programs of which no rule ever held would agree about nothing.
  expect(ruled).toBeGreaterThan(programs.length);
}

async function runIn(
  arch: Arch,
  kernel: KernelId,
  programs: readonly Program[],
  sources: KernelSources,
): Promise<readonly GuestEvent[]> {
  const signal = new AbortController().signal;
  const dir = await mkdtemp(path.join(tmpdir(), 'pf-agreement-'));
  try {
    const scenario = path.join(dir, 'filter/agreement');
    await mkdir(scenario, { recursive: true });
    await cp(fileURLToPath(new URL('attack.c', import.meta.url)), path.join(scenario, 'attack.c'));
    await writeFile(path.join(scenario, 'programs.h'), programsHeader(programs, metadataOf(arch).bits));
    const provisioned = await provisionTarget(
      { arch, kernel },
      {
        scenarios: [{ ...scenarioSchema.parse(SCENARIO), policy: PERMISSIVE, id: ID, dir: scenario }],
        ...{ ready: false, signal, env: process.env, cacheRoot: cacheRoot(process.env) },
        onProgress: () => undefined,
        kernelSources: sources,
      },
    );
    if (!provisioned.ok) throw new Error(provisioned.reason);
    const attack = provisioned.payload.attacks.get(ID);
    if (!attack?.ok) throw new Error(attack?.message);
    await using guest = await prepareGuest(provisioned.payload, 'sealed', openCache(process.env), signal);
    const argv = [attack.path, '--shape', 'only'];
    const env = ['PF_SEED=1', 'PF_TRIALS=1'];
    const job = serializeJob({ ...PLAIN_JOB, limitMs: LIMIT_SECONDS * 1000, argv, env }, ID);
    const schedule = await runSchedule(guest, job, { limitSeconds: LIMIT_SECONDS, signal });
    expect(schedule.end).toEqual({ kind: 'finished' });
    return schedule.events;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** As much of a scenario as provisioning wants to see. */
const LANE = { warden: [], args: [] };
const ONE = { control: 1, guarded: 1, honest: 1 };
const SCENARIO = {
  ...{ claim: 'The kernel runs a program as the interpreter does.', attack: 'attack.c', policy: {} },
  ...{ shapes: { only: [] }, limit: `${LIMIT_SECONDS}s`, schedules: ONE, trials: ONE },
  lanes: { control: LANE, guarded: LANE, honest: LANE },
  breach: [{ from: 'attack', event: 'returned' }],
  ...{ work: { from: 'attack', event: 'returned' }, alive: [{ from: 'warden', event: 'judged' }] },
};
