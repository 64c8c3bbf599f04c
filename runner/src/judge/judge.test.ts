import { describe, expect, test } from 'vitest';
import { certificateOf } from '../lib/certificate.ts';
import type { GuestEvent, ScheduleRecord } from '../lib/events.ts';
import type { Flaw } from '../lib/flaw.ts';
import type { Backend, Lane } from '../lib/ids.ts';
import type { Cell, CellEvidence, Verdict } from '../lib/verdict.ts';
import { judgeCell, weigh } from './index.ts';
import { cell, evidence, killed, lane, normal, oneTrial, schedule, trialsOf } from './testing.ts';

const evil = (index: number): ScheduleRecord =>
  schedule({ lane: 'guarded', index, events: trialsOf('guarded', (n) => (n === 2 ? 'EVIL' : 'GOOD')) });

const toothless = (): ScheduleRecord[] =>
  [0, 1].map((index) => schedule({ lane: 'control', index, events: trialsOf('control', () => 'GOOD') }));

const ended = (
  record: ScheduleRecord,
  kind: 'crashed' | 'hung' | 'error',
  detail: string = kind,
): ScheduleRecord => ({
  ...record,
  end: { kind, detail },
});

const withEvents = (
  record: ScheduleRecord,
  change: (events: GuestEvent[]) => GuestEvent[],
): ScheduleRecord => ({ ...record, events: change(record.events) });

/** Puts an event right before the end of the command. */
const including = (record: ScheduleRecord, event: GuestEvent): ScheduleRecord =>
  withEvents(record, (events) => [...events.slice(0, -2), event, ...events.slice(-2)]);

const without = (record: ScheduleRecord, from: string, event: string): ScheduleRecord =>
  withEvents(record, (events) => events.filter((one) => one.from !== from || one.event !== event));

function expectVerdict(given: CellEvidence, verdict: Verdict, reason?: RegExp): void {
  const result = judgeCell(given);
  expect([result.verdict, result.reason]).toEqual([
    verdict,
    reason ? expect.stringMatching(reason) : result.reason,
  ]);
  expect(result.asExpected).toBe(verdict === 'held');
  if (verdict !== 'held') expect(result.reason).toBeTruthy();
}

test('a hook that the kernel cannot have makes the cell unsupported, and says why', () => {
  const reason = 'deed: this kernel does not let a probe skip a call';
  const refused = withEvents(normal.guarded(0), (events) => [
    ...events.slice(0, 1),
    { from: 'agent', event: 'unsupported', t: 2, hook: 1, reason },
    ...events.slice(-1),
  ]);
  expectVerdict(
    evidence({ guarded: lane('guarded', { 0: refused }) }),
    'unsupported',
    /watch\.1 cannot be had on this kernel: deed: this kernel does not let/,
  );
});

describe('held', () => {
  test('control breached, guarded never, honest work done, and the defence was at work', () => {
    const result = judgeCell(evidence());
    expect(result).toMatchObject({
      ...{ verdict: 'held', reason: null, asExpected: true, findings: [], breachRateBelow: 0.5 },
      lanes: {
        control: { schedules: 2, trials: 6, breaches: 2, breachedSchedules: 2, refused: 0 },
        guarded: { schedules: 6, trials: 18, breaches: 0, breachedSchedules: 0, refused: 0 },
        honest: { schedules: 1, trials: 2, breaches: 0, refused: 0 },
      },
    });
  });

  test('the bound is three over the guarded schedules, and never above one', () => {
    const small = { ...cell, schedules: { ...cell.schedules, guarded: 2 } };
    const result = judgeCell(evidence({ cell: small, guarded: lane('guarded').slice(0, 2) }));
    expect([result.verdict, result.breachRateBelow]).toEqual(['held', 1]);
  });

  test('a cell that was expected to be something else is held and not as expected', () => {
    const result = judgeCell(evidence({ cell: { ...cell, expected: 'breached' } }));
    expect([result.verdict, result.asExpected]).toEqual(['held', false]);
  });

  test('the order in which schedules ended changes nothing', () => {
    const given = evidence();
    const reversed = { ...given, records: [...given.records].reverse() };
    expect(judgeCell(reversed)).toEqual(judgeCell(given));
  });
});

describe('breached', () => {
  test('one breach of one guarded trial is enough', () => {
    expectVerdict(
      evidence({ guarded: lane('guarded', { 3: evil(3) }) }),
      'breached',
      /1 times in 18 .*1 of 6/,
    );
  });

  test('a breached cell has no bound', () => {
    expect(judgeCell(evidence({ guarded: lane('guarded', { 3: evil(3) }) })).breachRateBelow).toBeNull();
  });

  test('a breach stays one though another schedule crashed, hung or was lost', () => {
    for (const kind of ['crashed', 'hung', 'error'] as const) {
      const guarded = lane('guarded', { 0: ended(normal.guarded(0), kind), 3: evil(3) });
      expectVerdict(evidence({ guarded }), 'breached');
    }
    expectVerdict(evidence({ guarded: [evil(3)] }), 'breached');
  });

  test('what a schedule showed before it failed to finish is no breach', () => {
    expectVerdict(evidence({ guarded: lane('guarded', { 3: ended(evil(3), 'hung') }) }), 'hung');
  });

  test('an attack that brings the warden down and then gets through has breached', () => {
    const events = trialsOf('guarded', () => 'EVIL');
    const fallen = schedule({ lane: 'guarded', index: 1, events, exit: { status: 126, signal: null } });
    expectVerdict(evidence({ guarded: lane('guarded', { 1: fallen }) }), 'breached');
  });

  test('a breach while the kernel was not in the state asked for is an error of the lab', () => {
    const table: GuestEvent = { from: 'agent', event: 'sysctl', t: 9, name: 'a/b', value: '3', errno: 1 };
    expectVerdict(evidence({ guarded: lane('guarded', { 3: including(evil(3), table) }) }), 'error');
  });

  test('a breach of the control lane or of the honest lane is none of the guarded lane', () => {
    const honest = [schedule({ lane: 'honest', index: 0, events: trialsOf('honest', () => 'EVIL') })];
    expectVerdict(evidence({ honest }), 'overblocked');
    expect(judgeCell(evidence({ honest })).findings.join()).toMatch(/honest lane matches a breach pattern/);
  });
});

describe('unavailable and unsupported', () => {
  const unavailable = { reason: 'no mirror has it', hint: 'try later' };

  test('a target that could not be provisioned is unavailable, with the reason and the hint', () => {
    const given = evidence({ unavailable, records: [], features: null, console: undefined });
    expectVerdict(given, 'unavailable', /no mirror has it; try later/);
    expect(judgeCell(given)).toMatchObject({ lanes: {}, breachRateBelow: null, console: null });
  });

  test('a cell that was planned as unavailable is that, whatever else is said', () => {
    expectVerdict(evidence({ cell: { ...cell, unavailable } }), 'unavailable');
  });

  test('a missing feature is named', () => {
    const needy = { ...cell, scenario: { ...cell.scenario, needs: ['user-notification', 'addfd'] } };
    expectVerdict(evidence({ cell: needy }), 'unsupported', /lacks addfd$/);
    expectVerdict(
      evidence({ features: { 'user-notification': 0 } }),
      'unsupported',
      /lacks user-notification$/,
    );
  });

  test('a forced backend needs what its kernel must have; auto and trace find their way', () => {
    const plain = { ...cell.scenario, needs: [] };
    const old = { features: { 'user-notification': 0 } };
    const forced = evidence({ ...old, cell: { ...cell, scenario: plain, backend: 'notify' } });
    expectVerdict(forced, 'unsupported', /lacks user-notification$/);
    for (const backend of ['auto', 'trace'] as const) {
      expectVerdict(evidence({ ...old, cell: { ...cell, scenario: plain, backend } }), 'held');
    }
  });

  test('a feature may be needed under one backend only', () => {
    const needs = [{ feature: 'notification-restart', backend: 'notify' as const }];
    const given = (backend: Backend) => ({
      features: { 'user-notification': 1, 'notification-restart': 0 },
      cell: { ...cell, backend, scenario: { ...cell.scenario, needs } },
    });
    expectVerdict(evidence(given('notify')), 'unsupported', /lacks notification-restart$/);
    for (const backend of ['auto', 'trace'] as const) expectVerdict(evidence(given(backend)), 'held');
  });

  test('a feature is not found in what every object inherits', () => {
    const needy = { ...cell, scenario: { ...cell.scenario, needs: ['constructor'] } };
    expectVerdict(evidence({ cell: needy }), 'unsupported', /constructor/);
  });

  test('unsupported is said even where the attack does not build', () => {
    expectVerdict(evidence({ features: {}, attackError: 'no such header' }), 'unsupported');
  });
});

describe('crashed, hung and error', () => {
  test.each(['control', 'guarded', 'honest'] as const)(
    'a guest panic in the %s lane is crashed, never held',
    (name: Lane) => {
      const records = lane(name, { 0: ended(normal[name](0), 'crashed', 'Kernel panic - not syncing') });
      expectVerdict(
        evidence({ [name]: records }),
        'crashed',
        new RegExp(`lane ${name}.*seed 1000.*Kernel panic`),
      );
    },
  );

  test('crashed comes before hung, and hung before error', () => {
    const [a, b, c] = [0, 1, 2].map((index) => normal.guarded(index)) as [
      ScheduleRecord,
      ScheduleRecord,
      ScheduleRecord,
    ];
    const all = lane('guarded', { 0: ended(a, 'error'), 1: ended(b, 'hung'), 2: ended(c, 'crashed') });
    expectVerdict(evidence({ guarded: all }), 'crashed');
    expectVerdict(
      evidence({ guarded: lane('guarded', { 0: ended(a, 'error'), 1: ended(b, 'hung') }) }),
      'hung',
    );
    expectVerdict(evidence({ guarded: lane('guarded', { 0: ended(a, 'error') }) }), 'error');
  });

  test('a guest that never got ready is what it was', () => {
    for (const kind of ['crashed', 'hung', 'error'] as const) {
      const bootFailure = { kind, detail: 'in the middle of the boot' };
      expectVerdict(evidence({ bootFailure, records: [], features: null }), kind, /middle of the boot/);
    }
  });

  test('a guest without a word about itself is an error', () => {
    expectVerdict(evidence({ features: null }), 'error');
  });

  test("an attack that does not build is an error in the compiler's words", () => {
    expectVerdict(evidence({ attackError: "attack.c:3:1: error: expected ';'" }), 'error', /attack\.c:3:1/);
  });

  test('a bug that the kernel found in itself is crashed, in its own words', () => {
    const splat: GuestEvent = {
      ...{ from: 'agent', event: 'error', t: 9, step: 'splat', errno: 0 },
      subject: 'kmemleak: 1 leaked: unreferenced object',
    };
    const record = schedule({
      lane: 'guarded',
      index: 0,
      events: [...trialsOf('guarded', () => 'GOOD'), splat],
    });
    expectVerdict(
      evidence({ guarded: lane('guarded', { 0: record }) }),
      'crashed',
      /seed 1000.*kmemleak: 1 leaked/,
    );
  });

  test('a command that is overdue hung, though the guest lives', () => {
    const overdue: GuestEvent = {
      ...{ from: 'agent', event: 'error', t: 9, step: 'limit' },
      ...{ errno: -110, subject: 'the command did not end in its time' },
    };
    const guarded = lane('guarded', { 1: including(normal.guarded(1), overdue) });
    expectVerdict(evidence({ guarded }), 'hung', /60 s of guest time/);
  });

  test('an agent that failed, a table that could not be written, and a failed warden are errors', () => {
    const failed: GuestEvent = {
      from: 'agent',
      event: 'error',
      t: 9,
      step: 'truth',
      errno: -2,
      subject: '/dev/x',
    };
    const table: GuestEvent = { from: 'agent', event: 'sysctl', t: 9, name: 'a/b', value: '3', errno: 1 };
    for (const event of [failed, table]) {
      const guarded = lane('guarded', { 1: including(normal.guarded(1), event) });
      expectVerdict(evidence({ guarded }), 'error');
    }
    const broken = schedule({ lane: 'guarded', index: 1, events: [], exit: { status: 126, signal: null } });
    expectVerdict(evidence({ guarded: lane('guarded', { 1: broken }) }), 'error', /warden itself failed/);
  });

  test.each([
    [11, {}, 'error'],
    [9, {}, 'error'],
    [9, { killsWarden: true }, 'held'],
    [11, { killsWarden: true }, 'error'],
  ] as const)('a warden that signal %d ends after the last trial: %j', (signal, changes, verdict) => {
    const dead = (argv1: string) =>
      schedule({
        ...{ lane: 'guarded', index: 1, events: trialsOf('guarded', () => argv1) },
        exit: { status: null, signal },
      });
    const killing = { ...cell, scenario: { ...cell.scenario, ...changes } };
    const reason = verdict === 'error' ? new RegExp(`warden itself died: signal ${signal}`) : undefined;
    expectVerdict(
      evidence({ cell: killing, guarded: lane('guarded', { 1: dead('GOOD') }) }),
      verdict,
      reason,
    );
    expectVerdict(evidence({ cell: killing, guarded: lane('guarded', { 1: dead('EVIL') }) }), 'breached');
    const ended = { from: 'warden', event: 'end', t: 9, allowed: 3, denied: 0, killed: 0 } as const;
    const said = including(dead('GOOD'), ended);
    expectVerdict(evidence({ cell: killing, guarded: lane('guarded', { 1: said }) }), 'held');
  });

  test('a table that was written is no error', () => {
    const table: GuestEvent = { from: 'agent', event: 'sysctl', t: 9, name: 'a/b', value: '3', errno: 0 };
    const guarded = lane('guarded', { 1: including(normal.guarded(1), table) });
    expectVerdict(evidence({ guarded }), 'held');
  });

  test('a warden that ended before it started anything is an error', () => {
    const wrong = without(
      schedule({ lane: 'guarded', index: 1, events: [], exit: { status: 2, signal: null } }),
      'warden',
      'started',
    );
    expectVerdict(evidence({ guarded: lane('guarded', { 1: wrong }) }), 'error', /never started: status 2/);
  });
});

describe('missing evidence never becomes held', () => {
  test.each(['control', 'guarded', 'honest'] as const)(
    'no schedule of the %s lane is an error',
    (name: Lane) => {
      expectVerdict(
        evidence({ [name]: [] }),
        'error',
        new RegExp(`lane ${name}: 0 of \\d schedules were run`),
      );
    },
  );

  test('one schedule too few is an error', () => {
    expectVerdict(evidence({ guarded: lane('guarded').slice(1) }), 'error', /5 of 6/);
  });

  test('what went wrong is told before the schedules that were not run because of it', () => {
    const guarded = [ended(normal.guarded(0), 'error', 'QEMU died')];
    expectVerdict(evidence({ control: [], guarded }), 'error', /QEMU died \(and 2 more\)/);
  });

  test('the same seed twice is not two schedules', () => {
    expectVerdict(evidence({ guarded: lane('guarded', { 1: normal.guarded(0) }) }), 'error', /same seed/);
  });

  test.each(['start', 'exit', 'end'])('a schedule without its %s event is an error', (name) => {
    const guarded = lane('guarded', { 2: without(normal.guarded(2), 'agent', name) });
    expectVerdict(evidence({ guarded }), 'error');
  });

  test("another seed's evidence is an error", () => {
    const stranger = { ...normal.guarded(2), events: normal.guarded(4).events };
    expectVerdict(evidence({ guarded: lane('guarded', { 2: stranger }) }), 'error', /this very job/);
  });

  test('two jobs in one schedule, or one that ended twice, are errors', () => {
    const twice = withEvents(normal.guarded(2), (events) => [...events, ...events]);
    expectVerdict(evidence({ guarded: lane('guarded', { 2: twice }) }), 'error', /this very job/);
    const ended = withEvents(normal.guarded(2), (events) => [...events, ...events.slice(-1)]);
    expectVerdict(evidence({ guarded: lane('guarded', { 2: ended }) }), 'error', /job is over/);
  });

  test("another job's evidence is an error", () => {
    const stranger = { ...normal.guarded(2), events: normal.control(2).events };
    expectVerdict(evidence({ guarded: lane('guarded', { 2: stranger }) }), 'error', /this very job/);
  });

  test.each(['control', 'guarded'] as const)(
    'a trial too few in the %s lane is inconclusive',
    (name: Lane) => {
      const records = lane(name, {
        1: schedule({ lane: name, index: 1, events: [...oneTrial(1, 'GOOD'), ...oneTrial(2, 'GOOD')] }),
      });
      expectVerdict(evidence({ [name]: records }), 'inconclusive', /only 2 of 3 trials/);
    },
  );

  test('an attack that reports one trial three times made one', () => {
    const events = [...oneTrial(1, 'GOOD'), ...oneTrial(1, 'GOOD'), ...oneTrial(1, 'GOOD')];
    const given = evidence({
      guarded: lane('guarded', { 1: schedule({ lane: 'guarded', index: 1, events }) }),
    });
    expectVerdict(given, 'inconclusive', /only 1 of 3 trials/);
    expect(judgeCell(given).findings.join()).toMatch(/2 reports of trials make no sense/);
  });

  test('trials that nobody asked for do not count', () => {
    const events = [1, 2, 40, 0].flatMap((n) => oneTrial(n, 'GOOD'));
    const given = evidence({
      guarded: lane('guarded', { 1: schedule({ lane: 'guarded', index: 1, events }) }),
    });
    expectVerdict(given, 'inconclusive', /only 2 of 3 trials/);
  });

  test('a guarded lane in which the defence never showed itself is inconclusive', () => {
    const guarded = lane('guarded').map((record) => without(record, 'warden', 'judged'));
    expectVerdict(evidence({ guarded }), 'inconclusive', /no judged event of warden/);
  });

  test('a defence that showed itself in some schedules only is a finding', () => {
    const guarded = lane('guarded', { 0: without(normal.guarded(0), 'warden', 'judged') });
    expectVerdict(evidence({ guarded }), 'held');
    expect(judgeCell(evidence({ guarded })).findings.join()).toMatch(
      /did not show itself in 1 of 6 schedules/,
    );
  });

  test('a defence that showed itself in the honest lane only was asleep', () => {
    const guarded = lane('guarded').map((record) => without(record, 'warden', 'judged'));
    expectVerdict(evidence({ guarded, honest: lane('honest') }), 'inconclusive');
  });

  test.each(['warden', 'attack'])('lost lines of the %s are missing evidence', (source) => {
    const lost: GuestEvent = { from: 'agent', event: 'lost', t: 9, source, lines: 4 };
    const guarded = lane('guarded', { 2: including(normal.guarded(2), lost) });
    expectVerdict(evidence({ guarded }), 'inconclusive', new RegExp(`4 lines of ${source} were lost`));
  });

  test('lost output of the command is no evidence that is missing', () => {
    const lost: GuestEvent = { from: 'agent', event: 'lost', t: 9, source: 'output', lines: 4 };
    expectVerdict(evidence({ guarded: lane('guarded', { 2: including(normal.guarded(2), lost) }) }), 'held');
  });

  test("events that the hook module dropped leave the kernel's word incomplete", () => {
    const dropped: GuestEvent = { from: 'hooks', event: 'dropped', t: 9, count: 2 };
    const guarded = lane('guarded', { 2: including(normal.guarded(2), dropped) });
    expectVerdict(evidence({ guarded }), 'inconclusive', /dropped 2 events/);
  });

  test('a hook module that says nothing saw nothing', () => {
    const guarded = lane('guarded', { 2: without(normal.guarded(2), 'hooks', 'exec') });
    expectVerdict(evidence({ guarded }), 'inconclusive', /hook module said nothing/);
  });

  test('where no breach is told by the kernel, its silence is no flaw', () => {
    const breach = cell.scenario.breach.filter(({ from }) => from === 'attack');
    const deaf = { ...cell, scenario: { ...cell.scenario, breach } };
    const guarded = lane('guarded').map((record) => without(record, 'hooks', 'exec'));
    expectVerdict(evidence({ cell: deaf, guarded }), 'held');
  });

  test('schedules in which the warden refused to start have no trials to show, where that is what it is to do', () => {
    const refused = (index: number): ScheduleRecord =>
      without(
        schedule({
          ...{ lane: 'guarded', index, exit: { status: 125, signal: null } },
          events: [{ from: 'warden', event: 'refused', t: 5, reason: 'ptrace is denied' }],
        }),
        'warden',
        'started',
      );
    const one = lane('guarded', { 1: refused(1) });
    expectVerdict(evidence({ guarded: one }), 'inconclusive', /only 0 of 3 trials were made/);
    const alive = [...cell.scenario.alive, { from: 'warden' as const, event: 'refused', where: {} }];
    const waiting = { ...cell, scenario: { ...cell.scenario, alive } };
    expectVerdict(evidence({ cell: waiting, guarded: one }), 'held');
    expect(judgeCell(evidence({ cell: waiting, guarded: one })).findings).toEqual([]);
    const all = [0, 1, 2, 3, 4, 5].map(refused);
    expectVerdict(evidence({ cell: waiting, guarded: all }), 'held');
    expectVerdict(evidence({ guarded: all }), 'inconclusive', /only 0 of 3 trials were made/);
  });

  test('a trial that its attack could not make was not made', () => {
    const broken = (record: ScheduleRecord): ScheduleRecord => ({
      ...record,
      events: record.events.map((event) =>
        event.from === 'attack' && event.event === 'trial' ? { ...event, outcome: 'broken' } : event,
      ),
    });
    const guarded = lane('guarded').map(broken);
    expectVerdict(evidence({ guarded }), 'inconclusive', /only 0 of 3 trials were made/);
  });
});

describe('inconclusive and overblocked', () => {
  test('a control lane that is never breached proves nothing', () => {
    expectVerdict(evidence({ control: toothless() }), 'inconclusive', /no teeth here: none of 6/);
  });

  test('one breach of the control lane is enough', () => {
    const control = [normal.control(0), ...toothless().slice(1)];
    expectVerdict(evidence({ control }), 'held');
    expect(judgeCell(evidence({ control })).findings).toEqual([
      'lane control: only single breached; continuous never did',
    ]);
  });

  describe('of hooks', () => {
    const signs = [...cell.scenario.alive, { from: 'attack' as const, event: 'alive', where: {} }];
    const about = (alive: typeof signs): Cell => ({
      ...cell,
      scenario: { ...cell.scenario, subject: 'hooks', alive },
    });

    test('each shape that ran has to breach without them', () => {
      const sharp = [normal.control(0), normal.control(1)];
      const given = evidence({ cell: about(cell.scenario.alive), control: sharp });
      expectVerdict(given, 'held');
      const control = [normal.control(0), ...toothless().slice(1)];
      expectVerdict(
        evidence({ cell: about(cell.scenario.alive), control }),
        'inconclusive',
        /no teeth here in shape continuous/,
      );
    });

    test('each sign has to show, in one guarded schedule or another', () => {
      const seen: GuestEvent = { from: 'attack', event: 'alive', t: 9, pid: 21, n: 0 };
      expectVerdict(evidence({ cell: about(signs) }), 'inconclusive', /no alive event of attack shows/);
      const guarded = lane('guarded', { 3: including(normal.guarded(3), seen) });
      expectVerdict(evidence({ cell: about(signs), guarded }), 'held');
    });
  });

  test('honest work that was not done is overblocked, by how much', () => {
    const honest = [schedule({ lane: 'honest', index: 0, events: oneTrial(1, 'GOOD') })];
    const given = evidence({ honest });
    expectVerdict(given, 'overblocked', /^1 of 2 honest trials were not done/);
    expect(judgeCell(given).lanes.honest).toMatchObject({ trials: 2, refused: 1 });
  });

  test('the same honest trial twice is one', () => {
    const events = [...oneTrial(1, 'GOOD'), ...oneTrial(1, 'GOOD')];
    expectVerdict(evidence({ honest: [schedule({ lane: 'honest', index: 0, events })] }), 'overblocked');
  });

  test('honest work that ended badly is overblocked although all of it was done', () => {
    const events = trialsOf('honest', () => 'GOOD');
    const honest = [schedule({ lane: 'honest', index: 0, events, exit: { status: null, signal: 11 } })];
    expectVerdict(evidence({ honest }), 'overblocked', /signal 11/);
  });

  test("the warden's reason for refusing honest work is told", () => {
    const events: GuestEvent[] = [{ from: 'warden', event: 'refused', t: 5, reason: 'ptrace is denied' }];
    const honest = [schedule({ lane: 'honest', index: 0, events, exit: { status: 125, signal: null } })];
    expectVerdict(evidence({ honest }), 'overblocked', /the warden refused: ptrace is denied/);
  });

  test('overblocked comes before inconclusive', () => {
    const honest = [schedule({ lane: 'honest', index: 0, events: oneTrial(1, 'GOOD') })];
    expectVerdict(evidence({ honest, control: toothless() }), 'overblocked');
  });
});

describe('a bug that was planted in the warden', () => {
  const flawed = { ...cell, scenario: { ...cell.scenario, flaw: 'untraced' as const } };
  const says = (record: ScheduleRecord): ScheduleRecord =>
    withEvents(record, (events) =>
      events.map((event) =>
        event.from === 'warden' && event.event === 'started' ? { ...event, flaw: 'untraced' } : event,
      ),
    );
  const guarded = lane('guarded').map(says);
  const honest = lane('honest').map(says);

  test('changes nothing else about the verdict', () => {
    expectVerdict(evidence({ cell: flawed, guarded, honest }), 'held');
    const breached = [says(evil(0)), ...guarded.slice(1)];
    expectVerdict(evidence({ cell: flawed, guarded: breached, honest }), 'breached');
  });

  test('has to be there where it belongs, and nowhere else', () => {
    const should = (is: string, be: string) => new RegExp(`planted bug is ${is}, and should be ${be}`);
    expectVerdict(evidence({ cell: flawed }), 'error', should('none', 'untraced'));
    expectVerdict(evidence({ guarded, honest }), 'error', should('untraced', 'none'));
    const control = lane('control').map(says);
    expectVerdict(evidence({ cell: flawed, control, guarded, honest }), 'error', should('untraced', 'none'));
  });
});

describe('findings and digests', () => {
  test('a target that does not replay is a finding', () => {
    expect(judgeCell(evidence({ deterministic: false })).findings.join()).toMatch(/different digests/);
    expect(judgeCell(evidence({ deterministic: null })).findings).toEqual([]);
  });

  test('how surely a breach comes back is a finding, and in the result', () => {
    const certificates = [certificateOf('5', { same: 0, breached: 1, of: 10 })];
    const judged = judgeCell(evidence({ certificates }));
    expect(judged.findings.join()).toMatch(/^breach of seed 5: probabilistic: 1 of 10 repeats breached/);
    expect(judged.certificates).toEqual(certificates);
    expect(judgeCell(evidence())).not.toHaveProperty('certificates');
  });

  test('a breach that is not the same again names the engine, where forks had been the same', () => {
    const some = [certificateOf('5', { same: 2, breached: 3, of: 3 })];
    const lost = /^the engine lost determinism: not all runs of seed 5/;
    const { findings } = judgeCell(evidence({ certificates: some, deterministic: true }));
    expect(findings).toEqual([expect.stringMatching(/^breach of seed 5/), expect.stringMatching(lost)]);
    expect(judgeCell(evidence({ certificates: some, deterministic: null })).findings).toHaveLength(1);
    const all = [certificateOf('5', { same: 3, breached: 3, of: 3 })];
    expect(judgeCell(evidence({ certificates: all, deterministic: true })).findings).toHaveLength(1);
  });

  test('what came of looking for a live breach in a sealed guest is the first finding about breaches', () => {
    const certificates = [certificateOf('5', { same: 0, breached: 1, of: 10 })];
    const sealedSearch = { kind: 'not-found', schedules: 600, seconds: 120 } as const;
    const judged = judgeCell(evidence({ certificates, sealedSearch, deterministic: null }));
    expect(judged.findings.map((text) => text.split(':')[0])).toEqual([
      'searched for in a sealed guest',
      'breach of seed 5',
    ]);
    expect(judged.sealedSearch).toEqual(sealedSearch);
    expect(judgeCell(evidence())).not.toHaveProperty('sealedSearch');
  });

  test('a shape that no schedule was of is a finding', () => {
    const { shape } = normal.guarded(0);
    const guarded = lane('guarded').map((record) => ({ ...record, shape }));
    expect(judgeCell(evidence({ guarded })).findings).toEqual([
      'lane guarded: no schedule was of shape continuous',
    ]);
  });

  test('who got through and was killed for it breaches nothing, and is a finding', () => {
    const pid = 102;
    const caught = withEvents(including(evil(3), killed(9, pid)), (events) =>
      events.filter((event) => event.from !== 'attack' || event.event !== 'ran' || event.pid !== pid),
    );
    const result = judgeCell(evidence({ guarded: lane('guarded', { 3: caught }) }));
    expect(result.verdict).toBe('held');
    expect(result.findings).toEqual([
      expect.stringMatching(/^lane guarded, shape continuous, seed 1003: 1 executed what was not judged/),
    ]);
  });

  test('what the run has to say is a finding', () => {
    expect(judgeCell(evidence({ notes: ['booted cold'] })).findings).toEqual(['booted cold']);
  });

  test('a digest changes with any schedule, and is null when one has none', () => {
    const digest = (given: CellEvidence) => judgeCell(given).lanes.guarded?.digest;
    const changed = { ...normal.guarded(2), digest: `sha256:${'f'.repeat(64)}` };
    expect(digest(evidence())).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(digest(evidence({ guarded: lane('guarded', { 2: changed }) }))).not.toBe(digest(evidence()));
    expect(digest(evidence({ guarded: lane('guarded', { 2: { ...changed, digest: null } }) }))).toBeNull();
  });
});

describe('a schedule by itself', () => {
  const guarded = (events: GuestEvent[], rest: Partial<ScheduleRecord> = {}): ScheduleRecord => ({
    ...schedule({ lane: 'guarded', index: 1, events }),
    ...rest,
  });
  const good = trialsOf('guarded', () => 'GOOD');
  const crossed = trialsOf('guarded', () => 'EVIL');
  const agentError = (step: string, subject: string): GuestEvent => ({
    ...{ from: 'agent', event: 'error', t: 5, step, subject, errno: 0 },
  });
  const failed = schedule({
    ...{ lane: 'guarded', index: 1, events: good, exit: { status: 126, signal: null } },
  });

  test('is clean when it counts and nobody crossed the line, and else breached so many times', () => {
    expect(weigh(cell, normal.guarded(1))).toEqual({ kind: 'clean' });
    expect(weigh(cell, normal.control(1))).toEqual({ kind: 'breached', count: 1 });
    expect(weigh(cell, guarded(crossed))).toEqual({ kind: 'breached', count: 3 });
  });

  test.each<[string, ScheduleRecord, Flaw['kind'], RegExp]>([
    ['a dead kernel', guarded(good, { end: { kind: 'crashed', detail: 'panic' } }), 'crashed', /^panic$/],
    [
      'a bug that the kernel found in itself',
      guarded([...good, agentError('splat', 'BUG')]),
      'crashed',
      /BUG/,
    ],
    ['a standstill', guarded(good, { end: { kind: 'hung', detail: 'x' } }), 'hung', /^x$/],
    ['a warden that waits for ever', guarded([agentError('limit', 'overdue')]), 'hung', /^overdue \(60 s of/],
    ['an engine that died', guarded(good, { end: { kind: 'error', detail: 'x' } }), 'error', /^x$/],
    ['a warden that failed', failed, 'error', /status 126/],
    ['another job', guarded(good, { seed: '5' }), 'error', /this very job/],
    ['trials that were not made', guarded(oneTrial(1, 'GOOD')), 'inconclusive', /only 1 of 3 trials/],
    [
      'lines that were lost',
      guarded([...good, { from: 'agent', event: 'lost', t: 5, source: 'attack', lines: 1 }]),
      ...(['inconclusive', /1 lines of attack were lost/] as const),
    ],
  ])('is no evidence where there was %s', (_, record, kind, text) => {
    const flaw = { kind, text: expect.stringMatching(text) };
    expect(weigh(cell, record)).toEqual({ kind: 'flawed', flaw });
  });

  test('says the worst that is wrong with it', () => {
    const all = [agentError('open', 'x'), agentError('limit', 'overdue'), agentError('splat', 'BUG')];
    expect(weigh(cell, guarded(all))).toMatchObject({ flaw: { kind: 'crashed', text: 'BUG' } });
  });

  test('is breached whatever was lost behind that, but not where the guest never said what it did', () => {
    const lost: GuestEvent = { from: 'agent', event: 'lost', t: 5, source: 'attack', lines: 1 };
    expect(weigh(cell, guarded([...crossed, lost]))).toMatchObject({ kind: 'breached' });
    expect(weigh(cell, guarded([...crossed, agentError('splat', 'BUG')]))).toMatchObject({ kind: 'flawed' });
  });

  test('was to have as many trials as it was asked for, whatever the cell has', () => {
    expect(weigh(cell, guarded(oneTrial(1, 'GOOD'), { trials: 1 }))).toEqual({ kind: 'clean' });
    expect(weigh(cell, guarded(good, { trials: 16 }))).toMatchObject({
      flaw: { kind: 'inconclusive', text: 'only 3 of 16 trials were made' },
    });
  });

  test('does not breach where it is compared with others', () => {
    const agreement = [{ from: 'attack', event: 'ran', where: {} } as const];
    const compared = { ...cell, scenario: { ...cell.scenario, agreement } };
    expect(weigh(compared, guarded(crossed))).toEqual({ kind: 'clean' });
  });
});
