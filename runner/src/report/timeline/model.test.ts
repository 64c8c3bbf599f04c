import { describe, expect, test } from 'vitest';
import type { GuestEvent } from '../../lib/events.ts';
import { arrowsOf, imagesOf, judgementsOf, livesOf, type Span, trialsOf } from './spans.ts';
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
  trial,
  warden,
} from './testing.ts';

const told = (events: GuestEvent[]) =>
  timeline(events).moments.map(({ at, track, event }) => `${at} ${track} ${event.event}`);

describe('a timeline', () => {
  test('goes by time from the start of the job, whichever source was heard first', () => {
    expect(told(oneTrial('EVIL'))).toEqual([
      '0 agent start',
      '1000 warden registered',
      '2000 kernel fork',
      '2400 warden registered',
      '3000 warden judged',
      '4500 kernel exec',
      '5000 victim ran',
      '6000 warden verified',
      '7000 attacker trial',
      '8000 agent end',
    ]);
  });

  test('of one time keeps the order in which it was heard', () => {
    const events = [start(5), fork(7, 10, 11), registered(7, 11, 10), fork(7, 10, 12), end(8)];
    expect(told(events)).toEqual([
      ...['0 agent start', '2 kernel fork', '2 warden registered', '2 kernel fork', '3 agent end'],
    ]);
  });

  test('marks what the breach patterns match and nothing excuses', () => {
    const marked = (events: GuestEvent[]) =>
      timeline(events).moments.flatMap(({ breach, event }) => (breach ? [event.event] : []));
    expect(marked(oneTrial('EVIL'))).toEqual(['exec', 'ran']);
    expect(marked(oneTrial('GOOD'))).toEqual([]);
    const killed: GuestEvent = { from: 'warden', event: 'killed', t: 5600, pid: 11, reason: 'no' };
    expect(marked([...oneTrial('EVIL'), killed])).toEqual(['ran']);
  });

  test('holds an attack that lies about the time to the time in which its job ran', () => {
    const liar = (t: number) => ran(t, 11, 1, 'EVIL');
    const { moments } = timeline([start(1000), liar(Number.MAX_SAFE_INTEGER), liar(0), end(2000)]);
    expect(moments.map(({ at, event }) => [at, event.t])).toEqual([
      [0, 1000],
      [0, 0],
      [1000, Number.MAX_SAFE_INTEGER],
      [1000, 2000],
    ]);
  });

  test('has no crowd at one time: what is too much comes a nanosecond later, and moves no other source', () => {
    const liar = (n: number) => ran(Number.MAX_SAFE_INTEGER, n % 2 === 0 ? 11 : 12, n, 'EVIL');
    const lies = Array.from({ length: 250 }, (_, n) => liar(n));
    const { moments } = timeline([start(1000), ...lies, exec(2000, 11, 'EVIL'), end(2000)]);
    expect(moments.map(({ at }) => at)).toEqual(moments.map(({ at }) => at).sort((a, b) => a - b));
    const lied = moments.filter(({ event }) => event.from === 'attack');
    expect(lied.map(({ event }) => event)).toEqual(lies);
    const crowds = [1000, 1001, 1002].map((time) => lied.filter(({ at }) => at === time).length);
    expect(crowds).toEqual([100, 100, 50]);
    const others = moments.filter(({ event }) => event.from !== 'attack');
    const kept = ['0 start', '1000 exec', '1000 end'];
    expect(others.map(({ at, event }) => `${at} ${event.event}`)).toEqual(kept);
  });

  test('puts what was moved among those that were there already, which make room in turn', () => {
    const events = Array.from({ length: 220 }, (_, n) => ran(n < 150 ? 5 : 6, 11, n, 'GOOD'));
    const { moments } = timeline([start(0), ...events, ran(9, 11, 220, 'GOOD'), end(10)]);
    const at = moments.flatMap(({ at, event }) => (event.from === 'attack' ? [at] : []));
    expect([4, 5, 6, 7, 8, 9].map((time) => at.filter((one) => one === time).length)).toEqual([
      ...[0, 100, 100, 20, 0, 1],
    ]);
  });

  test('of nothing is empty, and of an attack alone has its own clock', () => {
    expect(timeline([]).moments).toEqual([]);
    expect(timeline([ran(70, 11, 1, 'GOOD'), ran(50, 11, 1, 'GOOD')]).moments.map(({ at }) => at)).toEqual([
      0, 20,
    ]);
  });
});

describe('roles', () => {
  test('go by the order in which processes were first named, whatever their numbers', () => {
    const { roles } = timeline([
      ...[start(0), fork(1, 1, 9), fork(2, 9, 30), fork(3, 9, 10), registered(4, 10, 9, 'root')],
      ...[fork(5, 10, 40), fork(6, 40, 12), end(7)],
    ]);
    expect(Object.fromEntries(roles)).toEqual({
      ...{ 1: 'agent', 9: 'warden', 30: 'helper 1', 10: 'attack', 40: 'child 1', 12: 'child 2' },
    });
  });

  test('without a warden the attack is who reports how trials ended', () => {
    const { roles, moments } = timeline([ran(1, 11, 1, 'GOOD'), trial(2, 10, 1)]);
    expect(Object.fromEntries(roles)).toEqual({ 1: 'agent', 10: 'attack', 11: 'child 1' });
    expect(moments.map(({ track }) => track)).toEqual(['victim', 'attacker']);
  });
});

describe('spans', () => {
  const spans = (all: Span[]) =>
    all.map(({ pid, from, to }) => `${pid} ${from.at}-${to.at} ${to.event.event}`);

  test('a judgement lasts until the warden says what became of it', () => {
    const events = [
      ...[start(0), judged(1, 11, 'GOOD', 'allow'), judged(2, 12, 'GOOD', 'allow')],
      ...[warden(3, 'verified', 12), judged(4, 13, 'EVIL', 'deny'), warden(5, 'verified', 13)],
      // That process was verified already.
      warden(5, 'exec-failed', 12),
      // Never told of again; the second approval of one process is the one that was verified.
      ...[judged(6, 12, 'GOOD', 'allow'), judged(7, 12, 'GOOD', 'allow'), warden(9, 'exec-failed', 12)],
      end(10),
    ];
    expect(spans(judgementsOf(timeline(events)))).toEqual(['12 2-3 verified', '12 7-9 exec-failed']);
  });

  test('a path that was judged is no exec: nothing is waited for', () => {
    const path: GuestEvent = {
      ...{ from: 'warden', event: 'judged', t: 1, pid: 11, decision: 'allow', rule: 0 },
      ...{ path: '/dev/null', argv: [], truncated: false },
    };
    const made = timeline([start(0), path, exec(2, 11, 'GOOD'), warden(3, 'verified', 11)]);
    expect(judgementsOf(made)).toEqual([]);
    expect(arrowsOf(made)).toEqual([]);
  });

  test('lives go from the first word about a process to the last, images from exec to exec', () => {
    const events = [...oneTrial('EVIL'), exec(6500, 11, 'AGAIN')];
    expect(spans(livesOf(timeline(events)))).toEqual(['10 1000-7000 trial', '11 2000-6000 verified']);
    expect(spans(imagesOf(timeline(events)))).toEqual(['11 4500-5500 exec', '11 5500-6000 verified']);
  });

  test('trials go from the report before to their own', () => {
    const events = [start(100), trial(500, 10, 0), trial(300, 10, 1), trial(400, 10, 2), end(600)];
    expect(trialsOf(timeline(events)).map(({ from, to }) => [from, to.at])).toEqual([
      [0, 200],
      [200, 300],
    ]);
  });

  test('arrows lead from a cause to what came of it, never backwards', () => {
    const arrows = arrowsOf(timeline(oneTrial('EVIL')));
    expect(arrows.map(({ name, from, to }) => `${name} ${from.at} ${to.at}`)).toEqual([
      ...['forked 2000 2400', 'approved 3000 4500', 'ran 4500 5000'],
    ]);
    const twice = [start(0), exec(1, 11, 'GOOD'), ran(2, 11, 1, 'GOOD'), ran(3, 11, 1, 'GOOD'), end(4)];
    expect(arrowsOf(timeline(twice))).toHaveLength(1);
    expect(arrowsOf(timeline([start(0), exec(1, 11, 'GOOD'), judged(2, 11, 'GOOD', 'allow')]))).toEqual([]);
  });
});
