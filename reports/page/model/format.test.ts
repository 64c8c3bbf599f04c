import { expect, test } from 'vitest';
import { count, dateText, duration } from './format.ts';

test.each([
  [0.04, '0.0 s'],
  [9.94, '9.9 s'],
  [59.4, '59 s'],
  [59.6, '1 min 00 s'],
  [343, '5 min 43 s'],
  [7260, '2 h 01 min'],
])('%d seconds are %j', (seconds, expected) => {
  expect(duration(seconds)).toBe(expected);
});

test('a date is that of UTC, and what is none stays as it is', () => {
  expect(dateText('2026-03-04T23:06:59.123Z')).toBe('2026-03-04 23:06 UTC');
  expect(dateText('yesterday')).toBe('yesterday');
});

test('one is not many', () => {
  expect([count(1, 'cell'), count(2, 'cell'), count(0, 'entry', 'entries')]).toEqual([
    '1 cell',
    '2 cells',
    '0 entries',
  ]);
});
