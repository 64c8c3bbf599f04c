import { describe, expect, test } from 'vitest';
import type { GuestEvent, ScheduleRecord } from '../lib/events.ts';
import type { Lane, UsedBackend } from '../lib/ids.ts';
import type { Scenario } from '../lib/scenario.ts';
import type { Cell, CellEvidence } from '../lib/verdict.ts';
import { judgeCell } from './index.ts';
import { evidence, cell as exampleCell, judged, schedule, trial } from './testing.ts';

/** A cell that compares the backends: two seeds in each lane, two trials in each schedule. */

const shape = (backend: UsedBackend) => ({ args: [], backend });
const { shapes: _, ...honest } = exampleCell.scenario.lanes.honest;
const scenario: Scenario = {
  ...exampleCell.scenario,
  lanes: { ...exampleCell.scenario.lanes, honest },
  needs: [],
  shapes: { notify: shape('notify'), trace: shape('trace') },
  breach: [],
  agreement: [
    { from: 'attack', event: 'did', where: {} },
    { from: 'warden', event: 'judged', where: {} },
  ],
  work: { from: 'attack', event: 'did', where: {} },
};
const two = { control: 2, guarded: 2, honest: 2 };
const cell: Cell = { ...exampleCell, scenario, schedules: two, trials: two };

const did = (t: number, n: number, what: string, pid = 100 + n): GuestEvent => ({
  ...{ from: 'attack', event: 'did', t, pid, n, what },
});

const oneTrial = (n: number, what: string): GuestEvent[] => [
  judged(1000 * n, 100 + n),
  did(1000 * n + 1, n, what),
  trial(1000 * n + 2, n),
];

const plain = [...oneTrial(1, 'a'), ...oneTrial(2, 'b')];
const other = [...oneTrial(1, 'a'), ...oneTrial(2, 'EVIL')];

function one(lane: Lane, seed: number, backend: UsedBackend, events: GuestEvent[] = plain): ScheduleRecord {
  const record = schedule({ lane, index: seed, events });
  const spoken = record.events.map((event) =>
    event.from === 'warden' && event.event === 'started' ? { ...event, backend } : event,
  );
  // The same processes under the other backend have other numbers, and take another time.
  const shift = backend === 'trace' ? 7 : 0;
  const moved = spoken.map((event) => ('pid' in event ? { ...event, pid: event.pid + shift } : event));
  return { ...record, shape: backend, trials: 2, events: moved };
}

/** Two pairs; the second one's trace is what is given. */
const pairs = (lane: Lane, last: GuestEvent[] = plain): ScheduleRecord[] => [
  one(lane, 0, 'notify'),
  one(lane, 0, 'trace'),
  one(lane, 1, 'notify'),
  one(lane, 1, 'trace', last),
];

const given = (changes: Partial<Record<Lane, ScheduleRecord[]>> & Partial<CellEvidence> = {}): CellEvidence =>
  evidence({
    ...{ cell, backend: 'notify+trace' },
    control: pairs('control', other),
    guarded: pairs('guarded'),
    honest: pairs('honest'),
    ...changes,
  });

describe('agreement', () => {
  test('backends that say the same of every trial hold, and a pair is one observation', () => {
    const result = judgeCell(given());
    expect(result).toMatchObject({
      ...{ verdict: 'held', reason: null, findings: [], breachRateBelow: 1 },
      lanes: {
        control: { schedules: 2, trials: 4, breaches: 1, breachedSchedules: 1 },
        guarded: { schedules: 2, trials: 4, breaches: 0 },
        honest: { schedules: 2, trials: 4, refused: 0 },
      },
    });
  });

  test('one disagreement of the guarded lane is breached, and who said what is told', () => {
    const result = judgeCell(given({ guarded: pairs('guarded', other) }));
    expect([result.verdict, result.reason]).toEqual([
      'breached',
      'the guarded lane was breached 1 times in 4 trials (1 of 2 schedules)',
    ]);
    expect(result.findings).toEqual([
      'lane guarded, seed 1001, trial 2: notify: attack did {"what":"b"}; trace: attack did {"what":"EVIL"}',
    ]);
  });

  test('a disagreement on honest work is breached as well', () => {
    const result = judgeCell(given({ honest: pairs('honest', other) }));
    expect(result).toMatchObject({
      verdict: 'breached',
      reason: expect.stringMatching(/honest work in 1 of 4/),
    });
    expect(result.findings).toHaveLength(1);
  });

  test('silence of one backend is a disagreement', () => {
    const guarded = pairs('guarded', [...oneTrial(1, 'a'), judged(1999, 102), trial(2002, 2)]);
    expect(judgeCell(given({ guarded })).findings.join()).toMatch(/trial 2: .*"b"}; trace: nothing/);
  });

  test('what the warden says is compared with the trial that it was said in', () => {
    const late = [...plain.slice(0, -1), judged(2001, 102), trial(2002, 2)];
    const result = judgeCell(given({ guarded: pairs('guarded', late) }));
    expect(result.verdict).toBe('breached');
    expect(result.findings.join()).toMatch(/trial 2: notify: nothing; trace: warden judged [^;]*$/);
  });

  test('the order of what one process says counts, that of several does not', () => {
    const both = (first: number, second: number, pids: [number, number]) => [
      ...oneTrial(1, 'a'),
      did(first, 2, 'x', pids[0]),
      did(second, 2, 'y', pids[1]),
      trial(2002, 2),
    ];
    const inOrder = (events: GuestEvent[]) => [...events].sort((a, b) => a.t - b.t);
    const verdictOf = (pids: [number, number]) => {
      const guarded = [
        ...pairs('guarded').slice(0, 2),
        one('guarded', 1, 'notify', inOrder(both(1990, 1991, pids))),
        one('guarded', 1, 'trace', inOrder(both(1991, 1990, pids))),
      ];
      return judgeCell(given({ guarded })).verdict;
    };
    expect(verdictOf([201, 202])).toBe('held');
    expect(verdictOf([201, 201])).toBe('breached');
  });

  test('a control lane in which the shapes never disagreed shows nothing', () => {
    const verdict = judgeCell(given({ control: pairs('control') }));
    expect(verdict).toMatchObject({ verdict: 'inconclusive', reason: expect.stringMatching(/no teeth/) });
  });

  test('a control lane breached under both alike shows nothing of their agreement', () => {
    const breach = [{ from: 'attack' as const, event: 'did', where: { what: 'EVIL' } }];
    const evil = { ...cell, scenario: { ...scenario, breach } };
    const control = [0, 1].flatMap((seed) => [
      one('control', seed, 'notify', other),
      one('control', seed, 'trace', other),
    ]);
    const result = judgeCell(given({ cell: evil, control }));
    expect(result).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(/agreed in all 4/),
    });
    expect(result.lanes.control).toMatchObject({ trials: 4, breaches: 2 });
  });

  test('a breach under both backends is one, although they agree', () => {
    const breach = [{ from: 'attack' as const, event: 'did', where: { what: 'EVIL' } }];
    const evil = { ...cell, scenario: { ...scenario, breach } };
    const guarded = [
      ...pairs('guarded').slice(0, 2),
      one('guarded', 1, 'notify', other),
      one('guarded', 1, 'trace', other),
    ];
    const result = judgeCell(given({ cell: evil, guarded }));
    expect([result.verdict, result.lanes.guarded?.breaches]).toEqual(['breached', 1]);
  });

  test('findings are bounded', () => {
    const many = Array.from({ length: 9 }, (_, n) => did(5000 + n, n + 3, 'late'));
    const result = judgeCell(given({ guarded: pairs('guarded', [...plain, ...many]) }));
    expect(result.findings).toHaveLength(6);
    expect(result.findings.at(-1)).toBe('lane guarded: 4 more trials in which the shapes disagree');
  });
});

describe('evidence that cannot be compared', () => {
  test('half a pair is no schedule, and what spoilt the other half decides', () => {
    const [a, b, c, d] = pairs('guarded');
    if (!a || !b || !c || !d) throw new Error('there are four');
    const dead: ScheduleRecord = { ...d, end: { kind: 'crashed', detail: 'Kernel panic' } };
    const result = judgeCell(given({ guarded: [a, b, c, dead] }));
    expect(result.verdict).toBe('crashed');
    expect(result.lanes.guarded).toMatchObject({ schedules: 1, trials: 2 });
  });

  test('what is missing in a flawed schedule is no disagreement', () => {
    const half = one('guarded', 1, 'trace', oneTrial(1, 'a'));
    const verdictOf = (last: ScheduleRecord) => {
      const { verdict, reason } = judgeCell(given({ guarded: [...pairs('guarded').slice(0, 3), last] }));
      return [verdict, reason];
    };
    expect(verdictOf(half)).toEqual(['inconclusive', expect.stringMatching(/only 1 of 2 trials/)]);
    const withEvent = (record: ScheduleRecord, event: GuestEvent): ScheduleRecord => ({
      ...record,
      events: [...record.events.slice(0, -1), event, ...record.events.slice(-1)],
    });
    const lost: GuestEvent = { from: 'agent', event: 'lost', t: 9000, source: 'attack', lines: 1 };
    const deaf = withEvent(one('guarded', 1, 'trace', [...oneTrial(1, 'a'), trial(2002, 2)]), lost);
    expect(verdictOf(deaf)).toEqual(['inconclusive', expect.stringMatching(/1 lines of attack were lost/)]);
  });

  test('a schedule that was not run is missing, and the same seed and shape twice is an error', () => {
    const [a, b, c] = pairs('guarded');
    if (!a || !b || !c) throw new Error('there are four');
    expect(judgeCell(given({ guarded: [a, b, c] })).reason).toMatch(/3 of 4 schedules were run/);
    expect(judgeCell(given({ guarded: [a, b, c, c] })).reason).toMatch(/the same seed and shape/);
  });

  test('a shape that ran under the other backend is an error', () => {
    const wrong = { ...one('guarded', 1, 'notify'), shape: 'trace' };
    const result = judgeCell(given({ guarded: [...pairs('guarded').slice(0, 3), wrong] }));
    expect(result.verdict).toBe('error');
    expect(result.reason).toMatch(/used notify, and the shape is for trace/);
  });

  test('so is one whose files were seen to by somebody else, or by nobody', () => {
    const shapes = {
      notify: { args: [], files: 'landlock' as const },
      trace: { args: [], files: 'judged' as const },
    };
    const said = (record: ScheduleRecord, files?: 'landlock' | 'judged'): ScheduleRecord => ({
      ...record,
      events: record.events.map((event) =>
        event.from === 'warden' && event.event === 'started' ? { ...event, files } : event,
      ),
    });
    const reasonWhere = (last: 'landlock' | 'judged' | undefined): string | null => {
      const seen = (lane: Lane) =>
        pairs(lane).map((record, i) => said(record, i % 2 ? 'judged' : 'landlock'));
      const guarded = seen('guarded').map((record, i) => (i === 3 ? said(record, last) : record));
      const lanes = { control: seen('control'), guarded, honest: seen('honest') };
      return judgeCell(given({ cell: { ...cell, scenario: { ...scenario, shapes } }, ...lanes })).reason;
    };
    expect(reasonWhere('landlock')).toMatch(/files were landlock, and the shape is for judged/);
    expect(reasonWhere(undefined)).toMatch(/under no profile/);
    expect(reasonWhere('judged') ?? '').not.toMatch(/shape is for judged/);
  });

  test('a defence that showed itself under one backend only was asleep', () => {
    const guarded = pairs('guarded').map((record) =>
      record.shape === 'notify'
        ? record
        : { ...record, events: record.events.filter(({ event }) => event !== 'judged') },
    );
    const quiet = { ...scenario, agreement: scenario.agreement.slice(0, 1) };
    const result = judgeCell(given({ cell: { ...cell, scenario: quiet }, guarded }));
    expect(result.verdict).toBe('inconclusive');
  });

  test('one backend alone, by force or by the kernel, is unsupported', () => {
    const forced = judgeCell(given({ cell: { ...cell, backend: 'trace' } }));
    expect([forced.verdict, forced.reason]).toEqual([
      'unsupported',
      'it compares what auto alone gives, and under trace there is nothing to compare',
    ]);
    const old = judgeCell(given({ features: { 'user-notification': 0 } }));
    expect([old.verdict, old.reason]).toEqual(['unsupported', 'the target lacks user-notification']);
  });

  test('the order in which schedules ended changes nothing', () => {
    const straight = given();
    expect(judgeCell({ ...straight, records: [...straight.records].reverse() })).toEqual(judgeCell(straight));
  });
});
