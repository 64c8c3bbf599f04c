import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Guest } from '../../guest/index.ts';
import { weigh } from '../../judge/index.ts';
import { cell as exampleCell, exec, schedule, trialsOf } from '../../judge/testing.ts';
import type { GuestEvent, ScheduleEnd, ScheduleRecord } from '../../lib/events.ts';
import { PLAIN_JOB, serializeJob } from '../../lib/job.ts';
import { machines } from '../../lib/machines/index.ts';
import type { Cell } from '../../lib/verdict.ts';
import { type Folder, folder } from '../../plan/testing.ts';
import type { Attempt, Field, Plan } from './attempt.ts';
import { type SearchOutcome, searchGuest } from './search.ts';
import { LOOKOUT } from './sighting.ts';

/** Without guests: what each schedule was asked to be, and what a test has it come to. */
const job = serializeJob({ ...PLAIN_JOB, limitMs: 60_000, argv: ['/bin/true'] }, 'argv/example');
let ran: Plan[] = [];
let came: (plan: Plan) => { events?: GuestEvent[]; end?: ScheduleEnd } = () => ({});

function record(plan: Plan): ScheduleRecord {
  const events = [...trialsOf('guarded', () => 'GOOD'), ...(came(plan).events ?? [])];
  const { end } = came(plan);
  return schedule({ lane: 'guarded', index: plan.index, events, ...(end && { end }) });
}

vi.mock('./attempt.ts', () => ({
  seedOf: (_: Field, index: number) => String(1000 + index),
  runAttempt: async (_: Field, plan: Plan): Promise<Attempt> => {
    ran.push(plan);
    return { trials: 3, ...plan, record: record(plan), job, before: [] };
  },
}));
vi.mock('../certificates.ts', () => ({ repeat: async () => ({ same: 0, breached: 0, of: 3 }) }));

let place: Folder;
beforeEach(async () => {
  place = await folder();
  [ran, came] = [[], () => ({})];
});
afterEach(() => rm(place.dir, { recursive: true, force: true }));

const isLookout = ({ levers }: Plan): boolean => levers === LOOKOUT;

async function searched(schedules: number, cell: Cell = exampleCell): Promise<SearchOutcome> {
  const file = await place.write('kernel', '');
  const guest = {
    ...{ mode: 'sealed', qemu: { binary: 'q', version: '10.0.2', forks: true }, forks: {} },
    ready: { features: { 'user-notification': 1, hooks: 1 }, release: 'r' },
    payload: {
      ...{ target: cell, machine: machines[cell.arch], key: 'k', kernelImage: file, initramfs: file },
      ...{ kernelSource: 's', kernelRelease: 'r', parameters: [], programs: new Map(), attacks: new Map() },
    },
  } as unknown as Guest;
  return searchGuest(cell, guest, '/attacks/argv/example', {
    ...{ lane: 'guarded', seed: '1', jobs: 1, seconds: 60, schedules, strategies: ['plain', 'jitter'] },
    ...{ whole: false, outDir: place.dir, signal: new AbortController().signal, weigh },
    ...{ onProgress: () => undefined, render: { trace: () => '', timeline: () => '' } },
  });
}

test('what the lookout breaches is found, and nothing else is looked for', async () => {
  came = (plan) => (isLookout(plan) && plan.index === 2 ? { events: [exec(5000, 300, 'EVIL')] } : {});
  const { found, schedules, strategies } = await searched(50);
  expect(ran.map(isLookout)).toEqual([true, true, true, true]);
  expect(found).toMatchObject({ schedule: 3, strategy: 'lookout', seed: '1002' });
  expect(schedules).toBe(4);
  expect(strategies).toMatchObject([
    { strategy: 'lookout', hits: 1, of: 4, about: expect.stringMatching(/every call/) },
    { strategy: 'plain', of: 0 },
    { strategy: 'jitter', of: 0 },
  ]);
});

test('a kernel that dies in the lookout is told, and the search goes on', async () => {
  const panic: ScheduleEnd = { kind: 'crashed', detail: 'Kernel panic' };
  came = (plan) => (isLookout(plan) && plan.index === 0 ? { end: panic } : {});
  const { found, flawed, schedules, strategies } = await searched(10);
  expect(found).toBeNull();
  expect(flawed).toEqual([{ kind: 'crashed', count: 1, detail: 'Kernel panic' }]);
  expect([schedules, strategies[0]?.of]).toEqual([13, 3]);
});

test('what the lookout alone listens to matches no pattern of the scenario', async () => {
  const call: GuestEvent = {
    ...{ from: 'hooks', event: 'call', hook: 0, t: 5000, pid: 300, tid: 300, number: 1, abi: 1 },
    ...{ skipped: false, arg0: 0, arg1: 0, arg2: 0, arg3: 0, arg4: 0, arg5: 0 },
  };
  came = (plan) => (isLookout(plan) ? { events: [call] } : {});
  const breach = [{ from: 'hooks', event: 'call', where: {} } as const];
  const { found } = await searched(1, { ...exampleCell, scenario: { ...exampleCell.scenario, breach } });
  expect(found).toBeNull();
});
