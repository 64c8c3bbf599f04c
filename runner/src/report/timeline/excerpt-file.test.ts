import { describe, expect, test } from 'vitest';
import type { GuestEvent } from '../../lib/events.ts';
import { HOSTILE } from '../testing.ts';
import { timelineFile, timelineFileSchema } from './excerpt-file.ts';
import { end, exec, fork, judged, ran, registered, start, timeline, warden } from './testing.ts';
import { timelineText } from './text.ts';

const CELL = 'argv/swap@arm/debian-6.1';
const ms = 1_000_000;

/** One trial from `from` on, in steps of a millisecond. */
const steps = (word: string, from = 0): GuestEvent[] => {
  const at = (step: number) => from + step * ms;
  return [
    ...[start(at(0)), registered(at(1), 10, 9, 'root'), fork(at(2), 10, 11)],
    ...[judged(at(3), 11, 'GOOD', 'allow'), exec(at(4), 11, word), ran(at(5) + 1234, 11, 1, word)],
    end(at(6)),
  ];
};
const breached = timeline(steps('EVIL'));
const short = ({ rows }: ReturnType<typeof timelineFile>) =>
  rows.map(({ at, besideAt, track, breach, firstDifference }) =>
    [at, besideAt, track, breach ? 'breach' : '', firstDifference ? 'first' : ''].join(' ').trim(),
  );

describe('alone', () => {
  test('a row has its time from where the line was crossed, to the microsecond, and what the terminal says', () => {
    const file = timelineFile(CELL, breached);
    expect(file).toMatchObject({ timeline: 1, cell: CELL, lane: 'guarded', seed: '7', shape: 'single' });
    expect(file.beside).toBeNull();
    expect(short(file)).toEqual([
      ...['-4  agent', '-3  warden', '-2  kernel', '-1  warden'],
      ...['0  kernel breach', '1.001  victim breach', '2  agent'],
    ]);
    const lines = timelineText(breached).slice(-file.rows.length);
    for (const [at, { text }] of file.rows.entries()) expect(lines[at]?.endsWith(` ${text}`)).toBe(true);
    expect(file.rows[4]?.text).toBe('exec child 1 [witness EVIL] /bin/witness');
  });

  test('of a long one there are twelve rows before the breach and six behind it', () => {
    const chatter = (from: number) => Array.from({ length: 50 }, (_, at) => ran(from + at, 11, 1, 'GOOD'));
    const long = [start(0), ...chatter(10), exec(100, 11, 'EVIL'), ...chatter(200), end(ms)];
    const { rows } = timelineFile(CELL, timeline(long));
    expect(rows.map(({ breach }) => breach).indexOf(true)).toBe(12);
    expect(rows).toHaveLength(12 + 1 + 6);
  });

  test('of nothing there are no rows', () => {
    expect(timelineFile(CELL, timeline([])).rows).toEqual([]);
    expect(timelineFile(CELL, timeline([]), breached).rows).toEqual([]);
  });
});

describe('beside one that passed', () => {
  test('what both say is one row with two times, and the first row that differs is marked', () => {
    const file = timelineFile(CELL, breached, timeline(steps('GOOD', 40 * ms)));
    expect(file.beside).toBe('7');
    expect(short(file)).toEqual([
      ...['-4 -4 agent', '-3 -3 warden', '-2 -2 kernel', '-1 -1 warden'],
      ...['0  kernel breach first', ' 0 kernel', '1.001  victim breach', ' 1.001 victim', '2 2 agent'].map(
        (row) => row.trim(),
      ),
    ]);
    expect(file.rows.slice(4, 6).map(({ at, besideAt, text }) => [at, besideAt, text])).toEqual([
      [0, null, 'exec child 1 [witness EVIL] /bin/witness'],
      [null, 0, 'exec child 1 [witness GOOD] /bin/witness'],
    ]);
  });

  test('a row of the other alone may be the first that differs', () => {
    const passed = timeline([...steps('EVIL'), warden(4.5 * ms, 'verified', 11)]);
    const { rows } = timelineFile(CELL, breached, passed);
    expect(rows.filter(({ firstDifference }) => firstDifference)).toMatchObject([
      { at: null, besideAt: 0.5, track: 'warden', text: 'verified child 1' },
    ]);
  });

  test('two that say the same differ nowhere', () => {
    const { rows } = timelineFile(CELL, breached, timeline(steps('EVIL', 3 * ms)));
    expect(rows).toHaveLength(7);
    expect(rows.some(({ firstDifference, besideAt }) => firstDifference || besideAt === null)).toBe(false);
  });
});

test('the file is what its readers take, and holds nothing that a terminal obeys', () => {
  const rude: GuestEvent = {
    ...{ from: 'attack', event: 'ran', t: 5 * ms, pid: 11, n: 1, argv1: 'EVIL', [HOSTILE]: HOSTILE },
  };
  const file = timelineFile(CELL, timeline([...steps('EVIL'), rude]), timeline(steps('GOOD')));
  expect(timelineFileSchema.parse(JSON.parse(JSON.stringify(file)))).toEqual(file);
  expect(timelineFileSchema.safeParse({ ...file, timeline: 2 }).success).toBe(false);
  expect(file.rows.some(({ text }) => text.includes('\\x1b[2J'))).toBe(true);
  for (const { text } of file.rows) expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/u);
});
