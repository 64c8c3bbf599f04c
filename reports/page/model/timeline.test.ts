import { expect, test } from 'vitest';
import { exampleData } from '../example-data.ts';
import { timeText, tracksOf, whoseRow } from './timeline.ts';

const rows = exampleData(60).cells.flatMap(({ timelines }) => timelines)[0]?.rows ?? [];

test('only those who took part have a lane', () => {
  expect(tracksOf(rows)).toEqual(['attacker', 'victim', 'warden', 'kernel', 'agent']);
  expect(tracksOf(rows.filter(({ track }) => track === 'warden' || track === 'attacker'))).toEqual([
    'attacker',
    'warden',
  ]);
});

test('a row is of both, or of one alone where there are two', () => {
  expect(rows.slice(3, 6).map((row) => whoseRow(row, true))).toEqual(['both', 'this', 'other']);
  expect(rows.slice(3, 6).map((row) => whoseRow(row, false))).toEqual(['both', 'both', 'both']);
});

test('times are to the microsecond', () => {
  expect([timeText(-3.4), timeText(0), timeText(null)]).toEqual(['-3.400', '0.000', '']);
});
