import { describe, expect, test } from 'vitest';
import type { GuestEvent } from '../lib/events.ts';
import type { BreachPattern } from '../lib/scenario.ts';
import { breachesOf, breachingEvents, matches } from './match.ts';
import { exec, judged, killed, ran, scenario, schedule } from './testing.ts';

const breaches = (events: GuestEvent[], patterns: readonly BreachPattern[] = scenario.breach) =>
  breachesOf(schedule({ lane: 'guarded', index: 0, events }), { subject: 'warden', breach: patterns });

describe('matches', () => {
  test('argvN is that element of the argv which warden and hooks saw', () => {
    const pattern = { from: 'hooks', event: 'exec', where: { argv1: 'EVIL' } } as const;
    expect(matches(exec(1, 5, 'EVIL'), pattern)).toBe(true);
    expect(matches(exec(1, 5, 'EVIL '), pattern)).toBe(false);
    expect(matches(exec(1, 5, 'EVIL'), { ...pattern, where: { argv0: 'EVIL' } })).toBe(false);
    expect(matches(judged(1, 5), { from: 'warden', event: 'judged', where: { argv1: 'GOOD' } })).toBe(true);
  });

  test('an element that is not there equals nothing', () => {
    const pattern = { from: 'hooks', event: 'exec', where: { argv7: '' } } as const;
    expect(matches(exec(1, 5, 'EVIL'), pattern)).toBe(false);
  });

  test('argvN in a report of an attack is a field like any other', () => {
    const pattern = { from: 'attack', event: 'ran', where: { argv1: 'EVIL' } } as const;
    expect(matches(ran(1, 5, 1, 'EVIL'), pattern)).toBe(true);
  });

  test('all of where has to be so, by type as well', () => {
    const pattern = { from: 'attack', event: 'ran', where: { argv1: 'EVIL', n: 1 } } as const;
    expect(matches(ran(1, 5, 1, 'EVIL'), pattern)).toBe(true);
    expect(matches(ran(1, 5, 2, 'EVIL'), pattern)).toBe(false);
    expect(matches(ran(1, 5, 1, 'EVIL'), { ...pattern, where: { n: '1' } })).toBe(false);
  });

  test('a field that objects inherit is no field', () => {
    const pattern = { from: 'attack', event: 'ran', where: { toString: 'x' } } as const;
    expect(matches(ran(1, 5, 1, 'EVIL'), pattern)).toBe(false);
  });

  test('an attack cannot speak as somebody else', () => {
    const forged: GuestEvent = { from: 'attack', event: 'killed', t: 1, pid: 5, n: 0 };
    expect(matches(forged, { from: 'warden', event: 'killed', where: {} })).toBe(false);
    expect(breaches([exec(1, 5, 'EVIL'), forged]).pids).toEqual(new Set([5]));
  });
});

describe('breachesOf', () => {
  test('an attack on the hooks has one process, so its trials are counted', () => {
    const trial = (n: number, result: string): GuestEvent => ({
      ...{ from: 'attack', event: 'trial', t: n, pid: 5 },
      ...{ n, result },
    });
    const breach = [{ from: 'attack', event: 'trial', where: { result: 'wrong' } }] as const;
    const record = schedule({
      ...{ lane: 'guarded', index: 0 },
      events: [trial(1, 'wrong'), trial(2, 'right'), trial(3, 'wrong')],
    });
    expect(breachesOf(record, { subject: 'hooks', breach }).pids).toEqual(new Set([1, 3]));
    expect(breachesOf(record, { subject: 'warden', breach }).pids).toEqual(new Set([5]));
  });

  test('a pid that both words name is one breach, and no disagreement', () => {
    const found = breaches([exec(1, 5, 'EVIL'), ran(2, 5, 1, 'EVIL')]);
    expect(found).toEqual({ pids: new Set([5]), onlyAttack: [], onlyHooks: [] });
  });

  test('pids that only one of the two names are all breaches, and all disagreements', () => {
    const found = breaches([exec(1, 5, 'EVIL'), ran(2, 6, 1, 'EVIL')]);
    expect(found).toEqual({ pids: new Set([5, 6]), onlyAttack: [6], onlyHooks: [5] });
  });

  test('with one kind of patterns there is nobody to disagree with', () => {
    const patterns = scenario.breach.filter(({ from }) => from === 'attack');
    expect(breaches([ran(2, 6, 1, 'EVIL')], patterns)).toEqual({
      ...{ pids: new Set([6]), onlyAttack: [], onlyHooks: [] },
    });
  });

  test('who was killed did not cross the line, in whichever order it was seen', () => {
    expect(breaches([exec(1, 5, 'EVIL'), killed(2, 5)]).pids.size).toBe(0);
    expect(breaches([killed(2, 5), exec(1, 5, 'EVIL')]).pids.size).toBe(0);
  });

  test('that somebody else was killed excuses nobody', () => {
    expect(breaches([exec(1, 5, 'EVIL'), killed(2, 6)]).pids).toEqual(new Set([5]));
  });

  test('a witness that ran before it was killed crossed the line', () => {
    expect(breaches([exec(1, 5, 'EVIL'), ran(2, 5, 1, 'EVIL'), killed(3, 5)]).pids).toEqual(new Set([5]));
  });

  test('without `same`, any such event excuses', () => {
    const patterns: BreachPattern[] = [
      {
        ...{ from: 'hooks', event: 'exec', where: { argv1: 'EVIL' } },
        unless: { from: 'warden', event: 'killed', where: {}, earlier: false },
      },
    ];
    expect(breaches([exec(1, 5, 'EVIL'), killed(2, 6)], patterns).pids.size).toBe(0);
  });

  test('`earlier` asks for a smaller time, not an equal or a larger one', () => {
    const patterns: BreachPattern[] = [
      {
        ...{ from: 'attack', event: 'born', where: {} },
        unless: { from: 'warden', event: 'registered', where: {}, same: 'pid', earlier: true },
      },
    ];
    const born: GuestEvent = { from: 'attack', event: 'born', t: 100, pid: 5, n: 1 };
    const registered = (t: number): GuestEvent => ({
      ...{ from: 'warden', event: 'registered', t, pid: 5, ppid: 4, how: 'fork' },
    });
    expect(breaches([registered(99), born], patterns).pids.size).toBe(0);
    expect(breaches([registered(100), born], patterns).pids.size).toBe(1);
    expect(breaches([born, registered(101)], patterns).pids.size).toBe(1);
  });
});

describe('breachingEvents', () => {
  test('are what some pattern matches, in the order in which they were heard', () => {
    const events = [exec(2, 5, 'EVIL'), ran(1, 5, 1, 'EVIL'), ran(3, 6, 2, 'GOOD'), exec(4, 7, 'EVIL')];
    expect(breachingEvents(events, scenario.breach)).toEqual([events[0], events[1], events[3]]);
    expect(breachingEvents([...events, killed(5, 7)], scenario.breach)).toEqual([events[0], events[1]]);
    expect(breachingEvents(events, [])).toEqual([]);
  });
});
