import type { GuestEvent, ScheduleEnd, ScheduleRecord } from '../lib/events.ts';
import { PERMISSIVE } from '../lib/filter/index.ts';
import { kernelIdSchema, type Lane, scenarioIdSchema } from '../lib/ids.ts';
import { type Scenario, scenarioSchema } from '../lib/scenario.ts';
import type { Cell, CellEvidence } from '../lib/verdict.ts';

/** Evidence for tests: a cell that holds, and the means to spoil one thing in it at a time. */

const WARDEN_PID = 20;

const id = scenarioIdSchema.parse('argv/example');

export const scenario: Scenario = {
  ...scenarioSchema.parse({
    claim: 'The argv that was approved is the argv that runs.',
    attack: 'attack.c',
    needs: ['user-notification'],
    policy: {},
    shapes: { single: ['--shape', 'single'], continuous: ['--shape', 'continuous'] },
    lanes: {
      control: { warden: ['--argv-guard', 'none'] },
      guarded: { warden: ['--argv-guard', 'strict'] },
      honest: {
        ...{ warden: ['--argv-guard', 'strict'], args: ['--honest'] },
        shapes: { single: ['--shape', 'single'] },
      },
    },
    schedules: { control: 2, guarded: 6, honest: 1 },
    trials: { control: 3, guarded: 3, honest: 2 },
    limit: '60s',
    breach: [
      { from: 'attack', event: 'ran', where: { argv1: 'EVIL' } },
      {
        from: 'hooks',
        event: 'exec',
        where: { argv1: 'EVIL' },
        unless: { from: 'warden', event: 'killed', same: 'pid' },
      },
    ],
    work: { from: 'attack', event: 'ran', where: { argv1: 'GOOD' } },
    alive: [{ from: 'warden', event: 'judged', where: { decision: 'allow' } }],
  }),
  attack: { id, dir: '/nowhere', file: 'attack.c' },
  policy: PERMISSIVE,
  ...{ id, dir: '/nowhere' },
};

export const cell: Cell = {
  id: 'argv/example@arm/debian-6.1',
  scenario,
  arch: 'arm',
  kernel: kernelIdSchema.parse('debian-6.1'),
  backend: 'auto',
  mode: 'sealed',
  schedules: scenario.schedules,
  trials: scenario.trials,
  expected: 'held',
};

export const exec = (t: number, pid: number, argv1: string): GuestEvent => ({
  ...{ from: 'hooks', event: 'exec', t, pid, path: '/bin/witness' },
  ...{ argc: 2, argv: ['/bin/witness', argv1], truncated: false },
});

export const ran = (t: number, pid: number, n: number, argv1: string): GuestEvent => ({
  ...{ from: 'attack', event: 'ran', t, pid, n, argv1 },
});

export const trial = (t: number, n: number): GuestEvent => ({
  ...{ from: 'attack', event: 'trial', t, pid: WARDEN_PID + 1, n, outcome: 'ran', errno: 0 },
});

export const judged = (t: number, pid: number): GuestEvent => ({
  ...{ from: 'warden', event: 'judged', t, pid, decision: 'allow', rule: 2, path: '/bin/witness' },
  ...{ argv: ['/bin/witness', 'GOOD'], truncated: false },
});

export const killed = (t: number, pid: number): GuestEvent => ({
  ...{ from: 'warden', event: 'killed', t, pid, reason: 'the argv is not the one that was approved' },
});

/** Trial `n` as both sides saw it: pid 100 + n executed the witness with this argument. */
export function oneTrial(n: number, argv1: string): GuestEvent[] {
  const t = 1000 * n;
  const pid = 100 + n;
  return [judged(t, pid), exec(t + 1, pid, argv1), ran(t + 2, pid, n, argv1), trial(t + 3, n)];
}

interface Schedule {
  lane: Lane;
  index: number;
  /** What happened between the start and the end of the command. */
  events: GuestEvent[];
  end?: ScheduleEnd;
  exit?: { status: number | null; signal: number | null };
}

export function schedule({ lane, index, events, end, exit }: Schedule): ScheduleRecord {
  const seed = String(1000 + index);
  const last = 1_000_000;
  return {
    ...{ lane, seed, shape: index % 2 === 0 ? 'single' : 'continuous' },
    trials: cell.trials[lane],
    events: [
      { from: 'agent', event: 'start', t: 1, lane, seed },
      { from: 'warden', event: 'started', t: 2, backend: 'notify', argvGuard: 'strict', track: 'fork' },
      ...events,
      { from: 'agent', event: 'exit', t: last, ...(exit ?? { status: 0, signal: null }) },
      { from: 'agent', event: 'end', t: last + 1 },
    ],
    end: end ?? { kind: 'finished' },
    digest: `sha256:${String(index).padStart(64, '0')}`,
    seconds: 0.5,
    firstEventSeconds: 0.1,
  };
}

export const trialsOf = (lane: Lane, argv1: (n: number) => string): GuestEvent[] =>
  Array.from({ length: cell.trials[lane] }, (_, index) => oneTrial(index + 1, argv1(index + 1))).flat();

export const normal: Record<Lane, (index: number) => ScheduleRecord> = {
  control: (index) =>
    schedule({ lane: 'control', index, events: trialsOf('control', (n) => (n === 1 ? 'EVIL' : 'GOOD')) }),
  guarded: (index) => schedule({ lane: 'guarded', index, events: trialsOf('guarded', () => 'GOOD') }),
  honest: (index) => schedule({ lane: 'honest', index, events: trialsOf('honest', () => 'GOOD') }),
};

/** A lane's schedules, some of them replaced by others. */
export function lane(name: Lane, replaced: Readonly<Record<number, ScheduleRecord>> = {}): ScheduleRecord[] {
  const count = cell.schedules[name];
  return Array.from({ length: count }, (_, index) => replaced[index] ?? normal[name](index));
}

export function evidence(
  changes: Partial<Record<Lane, ScheduleRecord[]>> & Partial<CellEvidence> = {},
): CellEvidence {
  const { control, guarded, honest, ...rest } = changes;
  return {
    cell,
    records: [
      ...(control ?? lane('control')),
      ...(guarded ?? lane('guarded')),
      ...(honest ?? lane('honest')),
    ],
    features: { 'user-notification': 1 },
    kernelRelease: '6.1.0-50-armmp',
    backend: 'notify',
    seconds: 3.1,
    deterministic: true,
    console: 'consoles/argv.example.log',
    ...rest,
  };
}
