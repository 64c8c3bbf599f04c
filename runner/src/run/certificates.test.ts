import { expect, test } from 'vitest';
import type { ScheduleEnd, ScheduleRecord } from '../lib/events.ts';
import { repeatsIn } from './certificates.ts';

const record = (digest: string | null, end: ScheduleEnd = { kind: 'finished' }): ScheduleRecord => ({
  ...{ lane: 'guarded', seed: '1', shape: 'plain', trials: 1, events: [], end, digest },
  ...{ seconds: 1, firstEventSeconds: null },
});

test('a repeat counts unless the lab itself ended it', () => {
  const again = [
    record('a'),
    record('b'),
    record(null, { kind: 'error', detail: 'QEMU ended with status 124' }),
    record(null, { kind: 'hung', detail: 'no end within 60 s' }),
  ];
  const breached = ({ digest }: ScheduleRecord) => digest !== null;
  expect(repeatsIn(again, record('a'), breached)).toEqual({ same: 1, breached: 2, of: 3 });
  expect(repeatsIn(again.slice(2, 3), record('a'), breached)).toEqual({ same: 0, breached: 0, of: 0 });
});

test('schedules without a digest are never the same', () => {
  expect(repeatsIn([record(null)], record(null), () => true)).toEqual({ same: 0, breached: 1, of: 1 });
});
