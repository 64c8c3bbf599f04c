import { describe, expect, test } from 'vitest';
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
  trial,
  warden,
} from './testing.ts';
import { timelineText } from './text.ts';

const ms = 1_000_000;

/** Trials of a millisecond's steps from `from` on, whose words are those given; the victims are 11, 12, … */
function trials(words: readonly string[], from = 0, pid = 11): GuestEvent[] {
  return words.flatMap((word, index) => {
    const t = (from + index * 5) * ms;
    const victim = pid + index;
    return [
      ...[fork(t, 10, victim), judged(t + ms, victim, 'GOOD', 'allow'), exec(t + 2 * ms, victim, word)],
      ...[ran(t + 3 * ms, victim, index + 1, word), trial(t + 4 * ms, 10, index + 1)],
    ];
  });
}

const whole = (words: readonly string[], from?: number, pid?: number): GuestEvent[] => [
  ...[start(0), registered(1, 10, 9, 'root'), ...trials(words, from, pid), end(900 * ms)],
];

describe('alone', () => {
  test('a breach has what came before it and a little of what came after, by its own time', () => {
    expect(timelineText(timeline(whole(['GOOD', 'EVIL'], 10)))).toEqual([
      'timeline of seed 7, lane guarded, shape single',
      'the line is first crossed 17.000 ms after the start, pid 12; 2 such events in all:',
      '  hooks: exec child 2 [witness EVIL] /bin/witness',
      '         ms   track    what',
      '    -17.000   agent    start lane=guarded seed=7',
      '    -17.000   warden   registered attack how=root',
      '     -7.000   kernel   fork attack -> child 1',
      '     -6.000   warden   judged child 1 decision=allow rule=0 [witness GOOD] /bin/witness',
      '     -5.000   kernel   exec child 1 [witness GOOD] /bin/witness',
      '     -4.000   victim   ran child 1 trial 1 argv1=GOOD',
      '     -3.000   attacker trial 1 attack outcome=ran errno=0',
      '     -2.000   kernel   fork attack -> child 2',
      '     -1.000   warden   judged child 2 decision=allow rule=0 [witness GOOD] /bin/witness',
      '      0.000 ✘ kernel   exec child 2 [witness EVIL] /bin/witness',
      '      1.000 ✘ victim   ran child 2 trial 2 argv1=EVIL',
      '      2.000   attacker trial 2 attack outcome=ran errno=0',
      '    883.000   agent    end',
    ]);
  });

  test('of a long one there are twelve lines before the breach and six behind it', () => {
    const words = Array.from({ length: 20 }, (_, index) => (index === 10 ? 'EVIL' : 'GOOD'));
    const lines = timelineText(timeline(whole(words))).slice(4);
    expect(lines).toHaveLength(12 + 1 + 6);
    expect(lines[12]).toMatch(/^ +0\.000 ✘ kernel {3}exec child 11 /);
  });

  test('without a breach it says so, and shows the end', () => {
    const lines = timelineText(timeline(whole(['GOOD'])));
    expect(lines[1]).toBe('no event in it is a breach; these were the last');
    expect(lines.at(-1)).toBe('      0.000   agent    end');
  });

  test('of nothing there is nothing, and why', () => {
    expect(timelineText(timeline([], { kind: 'hung', detail: 'no word in 60 s' }))).toEqual([
      'timeline of seed 7, lane guarded, shape single',
      'the schedule did not finish, hung: no word in 60 s',
      'nothing was heard of it',
    ]);
  });

  test('what was lost on the way is told before what is there', () => {
    const lost: GuestEvent = { from: 'agent', event: 'lost', t: 800 * ms, source: 'warden', lines: 3 };
    const dropped: GuestEvent = { from: 'hooks', event: 'dropped', t: 801 * ms, count: 9 };
    expect(timelineText(timeline([...whole(['EVIL']), lost, dropped])).slice(1, 3)).toEqual([
      'incomplete: 3 lines of warden were lost',
      'incomplete: the hook module dropped 9 events',
    ]);
  });

  test('whatever an attack says, a line is printable and fits', () => {
    const rude: GuestEvent = {
      ...{ from: 'attack', event: 'ran', t: 5 * ms, pid: 11, n: 1, argv1: 'EVIL' },
      ...{ [HOSTILE]: HOSTILE, much: 'x'.repeat(1 << 20) },
    };
    const argv = [HOSTILE, '', '\u009b'.repeat(1 << 20)];
    const image: GuestEvent = { ...exec(4 * ms, 11, 'EVIL'), ...{ argv } } as GuestEvent;
    const lines = timelineText(timeline([start(0), image, rude, end(9 * ms)]));
    for (const line of lines) {
      expect([...line].length).toBeLessThanOrEqual(100);
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/u);
    }
    expect(lines.join('\n')).toMatch(/ran child 1 trial 1 argv1=EVIL .*\\x1b\[2J/);
  });
});

describe('beside one that passed', () => {
  /** The pids and times of the other are its own. */
  const beside = (words: readonly string[], others: readonly string[]): string[] =>
    timelineText(timeline(whole(words, 10)), timeline(whole(others, 40, 71)));

  test('the same events stand together by what they are and whose, and the first difference is marked', () => {
    expect(beside(['GOOD', 'EVIL'], ['GOOD', 'GOOD']).slice(3)).toEqual([
      'beside seed 7, in which nobody crossed it: < this one alone, > that one alone',
      '         ms      its ms    track    what',
      '    -17.000     -47.000    agent    start lane=guarded seed=7',
      '    -17.000     -47.000    warden   registered attack how=root',
      '     -7.000      -7.000    kernel   fork attack -> child 1',
      '     -6.000      -6.000    warden   judged child 1 decision=allow rule=0 [witness GOOD] /bin/witness',
      '     -5.000      -5.000    kernel   exec child 1 [witness GOOD] /bin/witness',
      '     -4.000      -4.000    victim   ran child 1 trial 1 argv1=GOOD',
      '     -3.000      -3.000    attacker trial 1 attack outcome=ran errno=0',
      '     -2.000      -2.000    kernel   fork attack -> child 2',
      '     -1.000      -1.000    warden   judged child 2 decision=allow rule=0 [witness GOOD] /bin/witness',
      '--- the first difference ---',
      '      0.000             <✘ kernel   exec child 2 [witness EVIL] /bin/witness',
      '                  0.000 >  kernel   exec child 2 [witness GOOD] /bin/witness',
      '      1.000             <✘ victim   ran child 2 trial 2 argv1=EVIL',
      '                  1.000 >  victim   ran child 2 trial 2 argv1=GOOD',
      '      2.000       2.000    attacker trial 2 attack outcome=ran errno=0',
      '    883.000     853.000    agent    end',
    ]);
  });

  test('what only one of them says stands alone where it was said', () => {
    const breached = timeline(whole(['EVIL']));
    const verified = warden(2.5 * ms, 'verified', 11);
    const passed = timeline([...whole(['EVIL']), verified]);
    const lines = timelineText(breached, passed);
    const at = lines.indexOf('--- the first difference ---');
    expect(lines.slice(at - 1, at + 3)).toEqual([
      '      0.000       0.000  ✘ kernel   exec child 1 [witness EVIL] /bin/witness',
      '--- the first difference ---',
      '                  0.500 >  warden   verified child 1',
      '      1.000       1.000  ✘ victim   ran child 1 trial 1 argv1=EVIL',
    ]);
    expect(timelineText(passed, breached)).toContain('      0.500             <  warden   verified child 1');
  });

  test('a fork is known by its child, whoever else its parent forked', () => {
    const known = [start(0), registered(1, 10, 9, 'root'), registered(ms, 11, 10)];
    const rest = (word: string) => [fork(2 * ms, 10, 12), exec(3 * ms, 12, word), end(4 * ms)];
    const lines = timelineText(
      timeline([...known, fork(0.5 * ms, 10, 11), ...rest('EVIL')]),
      timeline([...known, ...rest('GOOD')]),
    );
    expect(lines).toContain('     -2.500             <  kernel   fork attack -> child 1');
    expect(lines).toContain('     -1.000      -1.000    kernel   fork attack -> child 2');
  });

  test('where the breaching event has no partner, times go by the last that has one', () => {
    const [first, second] = [judged(4 * ms, 11, 'GOOD', 'allow'), judged(7 * ms, 11, 'GOOD', 'deny')];
    const lines = timelineText(
      timeline([start(0), first, exec(5 * ms, 11, 'EVIL'), end(9 * ms)]),
      timeline([start(0), second, end(8 * ms)]),
    );
    expect(lines).toContain(
      '     -1.000             <  warden   judged child 1 decision=allow rule=0 [witness GOOD] /bin/witness',
    );
    expect(lines).toContain(
      '                 -1.000 >  warden   judged child 1 decision=deny rule=0 [witness GOOD] /bin/witness',
    );
  });

  test('two that say the same differ in their times alone, and one that says nothing in everything', () => {
    expect(beside(['EVIL'], ['EVIL']).at(-1)).toBe('no difference but in times');
    const alone = timelineText(timeline(oneTrial('EVIL')), timeline([]));
    expect(alone.slice(5, 8)).toEqual([
      '--- the first difference ---',
      '     -0.004             <  agent    start lane=guarded seed=7',
      '     -0.004             <  warden   registered attack how=root',
    ]);
    expect(timelineText(timeline([]), timeline(oneTrial('GOOD'))).at(-1)).toBe('nothing was heard of it');
  });

  test('one that went quite another way is cut', () => {
    const chatter = Array.from({ length: 500 }, (_, index) => ran(20 * ms + index, 99, 3, 'CHAT'));
    const passed = timeline([...whole(['GOOD']), ...chatter, exec(30 * ms, 11, 'EVIL')]);
    const lines = timelineText(timeline(whole(['EVIL'])), passed);
    expect(lines.filter((line) => line.includes('CHAT')).length).toBeLessThanOrEqual(60);
  });
});
