import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { GuestEvent } from '../../lib/events.ts';
import { HOSTILE } from '../testing.ts';
import {
  end,
  exec,
  fork,
  judged,
  oneTrial,
  ran,
  registered,
  start,
  timeline,
  traceSchema,
  trial,
  warden,
} from './testing.ts';
import { traceText } from './trace.ts';
import { microseconds } from './trace-events.ts';

type Trace = z.infer<typeof traceSchema>;

const traceOf = (events: GuestEvent[]): Trace =>
  traceSchema.parse(JSON.parse(traceText(timeline(events), { cell: 'c' })));

/** Each event in one line, with its place by name. */
function lines({ traceEvents }: Trace): string[] {
  const names = new Map<string, unknown>();
  for (const event of traceEvents) {
    if (event.ph !== 'M') continue;
    if (event.name === 'process_name') names.set(`${event.pid}`, event.args.name);
    if (event.name === 'thread_name') names.set(`${event.pid}/${event.tid}`, event.args.name);
  }
  return traceEvents.flatMap((event) => {
    if (event.ph === 'M') return [];
    const where = `${names.get(`${event.pid}`)} > ${names.get(`${event.pid}/${event.tid}`)}`;
    const when = event.ph === 'X' ? `${event.ts}+${event.dur}` : `${event.ts}`;
    const id = event.ph === 's' || event.ph === 'f' ? `#${event.id}` : '';
    return [`${when} ${event.ph}${id} ${event.cat}: ${event.name} (${where})`];
  });
}

describe('a trace', () => {
  test('has each event once, what lasts as slices, causes as arrows, and the breach by itself', () => {
    expect(lines(traceOf(oneTrial('EVIL')))).toEqual([
      '0+7 X trial: trial 1: ran (trials > trials)',
      '0 i agent: start lane=guarded seed=7 (agent > agent)',
      '1+6 X attacker: attack (attacker > attack (pid 10))',
      '1 i warden: registered attack how=root (warden > attack (pid 10))',
      '2+4 X victim: child 1 (victim > child 1 (pid 11))',
      '2 i kernel: fork attack -> child 1 (kernel > kernel)',
      '2 s#1 cause: forked (kernel > kernel)',
      '2.4 i warden: registered child 1 how=fork (warden > child 1 (pid 11))',
      '2.4 f#1 cause: forked (warden > child 1 (pid 11))',
      '3+3 X warden: judged child 1 decision=allow rule=0 [witness GOOD] /bin/witness (warden > child 1 (pid 11))',
      '3 s#2 cause: approved (warden > child 1 (pid 11))',
      '4.5+1.5 X victim: exec child 1 [witness EVIL] /bin/witness (victim > child 1 (pid 11))',
      '4.5 i breach: exec child 1 [witness EVIL] /bin/witness (breach > breach)',
      '4.5 i kernel: exec child 1 [witness EVIL] /bin/witness (kernel > kernel)',
      '4.5 f#2 cause: approved (kernel > kernel)',
      '4.5 s#3 cause: ran (kernel > kernel)',
      '5 i breach: ran child 1 trial 1 argv1=EVIL (breach > breach)',
      '5 i victim: ran child 1 trial 1 argv1=EVIL (victim > child 1 (pid 11))',
      '5 f#3 cause: ran (victim > child 1 (pid 11))',
      '6 i warden: verified child 1 (warden > child 1 (pid 11))',
      '7 i attacker: trial 1 attack outcome=ran errno=0 (attacker > attack (pid 10))',
      '8 i agent: end (agent > agent)',
    ]);
  });

  test('says what was run, and how an approval ended', () => {
    const trace = traceOf(oneTrial('EVIL'));
    expect(trace.metadata).toEqual({
      cell: 'c',
      lane: 'guarded',
      seed: '7',
      shape: 'single',
      end: 'finished',
    });
    expect(trace.traceEvents).toContainEqual(
      expect.objectContaining({
        ph: 'X',
        cat: 'warden',
        args: expect.objectContaining({ outcome: 'verified' }),
      }),
    );
  });

  test('without a breach has no row for one, and without events has none at all', () => {
    expect(lines(traceOf(oneTrial('GOOD'))).filter((line) => line.includes('breach'))).toEqual([]);
    expect(traceOf([]).traceEvents).toEqual([]);
    const crashed = timeline([], { kind: 'crashed', detail: `Kernel panic${HOSTILE}` });
    const { metadata } = traceSchema.parse(JSON.parse(traceText(crashed, {})));
    expect(metadata.end).toMatch(/^crashed: Kernel panic\\x1b/);
  });

  test('puts groups in an order, and gives no number of a row twice', () => {
    const { traceEvents } = traceOf(oneTrial('EVIL'));
    const metadata = traceEvents.filter((event) => event.ph === 'M');
    const of = (name: string) => metadata.filter((event) => event.name === name);
    const order = new Map(of('process_sort_index').map(({ pid, args }) => [pid, Number(args.sort_index)]));
    const groups = of('process_name').sort((a, b) => (order.get(a.pid) ?? 0) - (order.get(b.pid) ?? 0));
    expect(groups.map(({ args }) => args.name)).toEqual([
      ...['breach', 'trials', 'attacker', 'victim', 'warden', 'kernel', 'agent'],
    ]);
    const rows = of('thread_name').map(({ tid }) => tid);
    expect(of('thread_sort_index').map(({ args }) => args.sort_index)).toEqual(rows);
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows.filter((tid) => order.has(tid))).toEqual([]);
  });

  test('has the rows of a group in the order in which their processes were first named', () => {
    const events = [fork(1, 10, 11), fork(2, 10, 12), registered(3, 11, 10), exec(4, 12, 'EVIL')];
    const later = [registered(5, 12, 10), judged(6, 11, 'GOOD', 'allow'), trial(7, 10, 1)];
    const { traceEvents } = traceOf([start(0), ...events, ...later, end(8)]);
    const titles = traceEvents.flatMap((event) =>
      event.ph === 'M' && event.name === 'thread_name' ? [event.args.name] : [],
    );
    const [one, two] = ['child 1 (pid 11)', 'child 2 (pid 12)'];
    expect(titles).toEqual([
      ...['breach', 'trials', 'attack (pid 10)', one, two, 'agent', 'kernel', one, two],
    ]);
  });

  test('has an arrow of an approval behind it, also where another event of its row is of the same time', () => {
    const events = [registered(2, 11, 10), judged(2, 11, 'GOOD', 'allow'), exec(4, 11, 'GOOD')];
    const known = [registered(0, 10, 9, 'root'), fork(1, 10, 11)];
    const trace = traceOf([start(0), ...known, ...events, warden(5, 'verified', 11), end(6)]);
    const row = lines(trace).flatMap((line) =>
      line.includes('(warden > child 1') ? [line.split(' (')[0]] : [],
    );
    expect(row).toEqual([
      '0.002+0.003 X warden: judged child 1 decision=allow rule=0 [witness GOOD] /bin/witness',
      '0.002 s#2 cause: approved',
      '0.002 i warden: registered child 1 how=fork',
      '0.002 f#1 cause: forked',
      '0.005 i warden: verified child 1',
    ]);
  });

  test('has no row with more than a viewer piles up, whoever an attack says it is', () => {
    const lies = Array.from({ length: 1200 }, (_, n) =>
      n % 2 === 0 ? ran(1 << 30, 11 + (n % 300), n, 'EVIL') : trial(1 << 30, 11 + (n % 300), n),
    );
    const { traceEvents } = traceOf([start(0), ...lies, end(5)]);
    const piles = new Map<string, number>();
    for (const event of traceEvents) {
      if (event.ph !== 'i' && !(event.ph === 'X' && event.dur === 0)) continue;
      const key = `${event.tid} ${event.ts}`;
      piles.set(key, (piles.get(key) ?? 0) + 1);
    }
    expect(Math.max(...piles.values())).toBeLessThanOrEqual(100);
  });

  test('writes numbers that do not fit into 64 bits as strings', () => {
    const big = { huge: 2 ** 64, least: 2 ** 63, below: -(2 ** 64), fits: 2 ** 62, half: 0.5 };
    const said: GuestEvent = { ...{ from: 'attack', event: 'ran', t: 1, pid: 11, n: 1 }, ...big };
    const { traceEvents } = traceOf([start(0), said, end(2)]);
    const shown = traceEvents.flatMap((event) =>
      event.ph === 'i' && event.cat === 'victim' ? [event.args] : [],
    );
    expect(shown).toEqual([
      expect.objectContaining({
        ...{ huge: '18446744073709552000', least: '9223372036854776000', below: '-18446744073709552000' },
        ...{ fits: 2 ** 62, half: 0.5 },
      }),
    ]);
  });

  test('keeps 64-bit values to the last digit, and lines that were lost', () => {
    const wide: GuestEvent = {
      ...{ from: 'hooks', event: 'return', t: 5, hook: 0, pid: 11, tid: 11, number: 1, abi: 2 },
      ...{ arg0: '-9223372036854775808', arg1: '9223372036854775807', arg2: 1, arg3: 0, arg4: 0, arg5: 0 },
      ...{ result: -1, callSeen: true },
    };
    const lost: GuestEvent = { from: 'agent', event: 'lost', t: 6, source: 'attack', lines: 3 };
    const { traceEvents } = traceOf([start(0), wide, lost, end(7)]);
    const args = traceEvents.flatMap((event) => (event.ph === 'i' ? [event.args] : []));
    expect(args[1]).toMatchObject({ arg0: '-9223372036854775808', arg1: '9223372036854775807', result: -1 });
    expect(args[2]).toMatchObject({ event: 'lost', source: 'attack', lines: 3 });
  });

  test('is printable ASCII whatever an attack says, and short', () => {
    const rude: GuestEvent = {
      ...{ from: 'attack', event: 'ran', t: 1, pid: 11, n: 1 },
      ...{ argv: 'its own', said: HOSTILE, much: 'x'.repeat(1 << 20), ['é\u007f'.repeat(1 << 19)]: true },
    };
    const text = traceText(timeline([start(0), rude, exec(2, 11, '\u009b'.repeat(1 << 20)), end(3)]), {});
    expect(text).toMatch(/^[\x20-\x7e]+\n$/);
    expect(text.length).toBeLessThan(20_000);
    const { traceEvents } = traceSchema.parse(JSON.parse(text));
    const said = traceEvents.flatMap((event) => (event.ph === 'i' && event.cat === 'victim' ? [event] : []));
    expect(said[0]?.name).toMatch(/^ran child 1 trial 1 argv='its own' said='?\\x1b\[2J/);
    expect(said[0]?.args.said).toMatch(/^\\x1b\[2J\\x00/);
  });

  test('has no half of a character above U+FFFF as an escape, which Perfetto does not open', () => {
    const rude: GuestEvent = {
      ...{ from: 'attack', event: 'ran', t: 1, pid: 11, n: 1 },
      ...{ said: '\u{1f600}', '\u{20000}': true, literally: '\\ud83d', much: '\u{1f600}'.repeat(1 << 19) },
    };
    const events = [start(0), rude, exec(2, 11, '\u{1f600}'), end(3)];
    const text = traceText(timeline(events, { kind: 'crashed', detail: 'panic \u{1f600}' }), {});
    expect(text.replaceAll('\\\\', '')).not.toMatch(/\\ud[89a-f]/);
    const { traceEvents, metadata } = traceSchema.parse(JSON.parse(text));
    const said = traceEvents.flatMap((event) => (event.ph === 'i' && event.cat === 'victim' ? [event] : []));
    expect(said[0]?.name).toMatch(/^ran child 1 trial 1 said='\\u\{1f600\}' \\u\{20000\}=true /);
    expect(said[0]?.args).toMatchObject({ said: '\\u{1f600}', '\\u{20000}': true, literally: '\\ud83d' });
    expect(said[0]?.args.much).toMatch(/^(\\u\{1f600\}){113}[^…]*…$/);
    expect(metadata.end).toBe('crashed: panic \\u{1f600}');
  });
});

/** Of one row: one slice behind the other or within it. Perfetto counts what is neither as an error, others drop it. */
function overlaps({ traceEvents }: Trace): string[] {
  const open = new Map<number, number[]>();
  return traceEvents.flatMap((event) => {
    if (event.ph !== 'X') return [];
    // As readers that cut off come to whole nanoseconds; those that round come to the same ones, as below.
    const from = Math.trunc(event.ts * 1000);
    const to = from + Math.trunc(event.dur * 1000);
    const stack = (open.get(event.tid) ?? []).filter((until) => until > from);
    open.set(event.tid, [...stack, to]);
    return stack.some((until) => until < to) ? [`${event.name} at ${from}`] : [];
  });
}

const anyEvents = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 2, max: 5 }),
      fc.integer({ min: 2, max: 5 }),
      fc.nat(8),
    ),
    { maxLength: 60 },
  )
  .map((drawn) =>
    drawn.map(([t, pid, other, kind]): GuestEvent => {
      const makers = [
        ...[fork(t, pid, other), registered(t, pid, other), judged(t, pid, 'GOOD', 'allow')],
        ...[exec(t, pid, 'EVIL'), warden(t, 'verified', pid), warden(t, 'exited', pid)],
        ...[ran(t, pid, other, 'EVIL'), trial(t, pid, other), registered(t, pid, other, 'root')],
      ];
      return makers[kind] ?? end(t);
    }),
  );

describe('whatever happened', () => {
  test('times go up, slices nest, and an arrow leads from one event to a later one', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const trace = traceOf(events);
        const timed = trace.traceEvents.filter((event) => event.ph !== 'M');
        expect(timed.map(({ ts }) => ts)).toEqual(timed.map(({ ts }) => ts).sort((a, b) => a - b));
        expect(overlaps(trace)).toEqual([]);
        const starts = new Map(timed.flatMap((event) => (event.ph === 's' ? [[event.id, event.ts]] : [])));
        const ends = timed.flatMap((event) => (event.ph === 'f' ? [event] : []));
        expect(ends).toHaveLength(starts.size);
        for (const { id, ts } of ends) expect(starts.get(id)).toBeLessThanOrEqual(ts);
      }),
    );
  });

  test('each event is drawn once', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const drawn = traceOf(events).traceEvents.filter((event) => 'args' in event && 'from' in event.args);
        const once = drawn.filter((event) => 'cat' in event && !['breach', 'trial'].includes(event.cat));
        expect(once).toHaveLength(events.length);
      }),
    );
  });

  test('an arrow stands right behind what it hangs on', () => {
    const meant = [
      ...['approved s judged', 'approved f exec', 'forked s fork', 'forked f registered'],
      ...['ran s exec', 'ran f ran', 'ran f trial'],
    ];
    fc.assert(
      fc.property(anyEvents, (events) => {
        const { traceEvents } = traceOf(events);
        for (const [index, event] of traceEvents.entries()) {
          if (event.ph !== 's' && event.ph !== 'f') continue;
          const behind = traceEvents
            .slice(0, index)
            .findLast((other) => (other.ph === 'i' || other.ph === 'X') && other.tid === event.tid);
          expect(behind).toMatchObject({ ts: event.ts });
          if (behind && 'args' in behind)
            expect(meant).toContain(`${event.name} ${event.ph} ${behind.args.event}`);
        }
      }),
    );
  });

  test('a time in microseconds is still the same nanosecond when a reader cuts it off or rounds it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 43 }), (ns) => {
        expect(Math.trunc(microseconds(ns) * 1000)).toBe(ns);
        expect(Math.round(microseconds(ns) * 1000)).toBe(ns);
        expect(microseconds(ns)).toBeCloseTo(ns / 1000, 3);
      }),
      { numRuns: 10_000 },
    );
  });
});
