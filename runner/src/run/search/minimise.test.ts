import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Hook } from '../../lib/hooks/index.ts';
import { type Breaching, fewestBefore, holdNs, minimise } from './minimise.ts';

const hold = (time: string, syscall = 'read'): Hook => ({
  ...{ on: 'return', syscall, priority: 0, record: false },
  do: { hold: time, 'one-in': 2 },
});
const nice: Hook = { on: 'fork', priority: 0, record: false, do: { nice: 19 } };

const syscalls = ({ levers }: Breaching): unknown[] => levers.map(({ syscall }) => syscall);

test('what is not needed goes, and what is needed stays as small as it breaches', async () => {
  const needed = (one: Breaching): boolean =>
    one.trials >= 3 && one.levers.some((hook) => hook.syscall === 'execve' && (holdNs(hook) ?? 0) >= 70_000);
  const start = { trials: 10, levers: [hold('5ms'), nice, hold('1ms', 'execve')] };
  const smallest = await minimise(start, async (one) => needed(one));
  expect(smallest.trials).toBe(4);
  expect(syscalls(smallest)).toEqual(['execve']);
  expect(holdNs(smallest.levers[0])).toBe(125_000);
});

test('of two levers of which either is enough one is left', async () => {
  const smallest = await minimise({ trials: 1, levers: [hold('1ms'), hold('1ms', 'write')] }, async (one) =>
    one.levers.some((hook) => (holdNs(hook) ?? 0) > 0),
  );
  expect(smallest.levers).toHaveLength(1);
  expect(holdNs(smallest.levers[0])).toBeLessThanOrEqual(1000);
});

test('one that needs no lever at all is left without', async () => {
  expect(await minimise({ trials: 8, levers: [nice] }, async () => true)).toEqual({ trials: 1, levers: [] });
});

test('whatever breaches and whatever not, what comes back was seen to breach, or is what it began with', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 4 }),
      fc.infiniteStream(fc.boolean()),
      async (trials, holds, answers) => {
        const start = { trials, levers: holds.map((us, at) => hold(`${us}us`, `call${at}`)) };
        const seen: Breaching[] = [start];
        const smallest = await minimise(start, async (one) => {
          const yes = answers.next().value;
          if (yes) seen.push(one);
          return yes;
        });
        expect(seen).toContainEqual(smallest);
      },
    ),
  );
});

test('of the schedules before it the last are kept, as many as are needed', async () => {
  const all = Array.from({ length: 16 }, (_, at) => String(at));
  const behind = async (needed: number) => {
    const tried: number[] = [];
    const left = await fewestBefore(all, async (fewer) => {
      tried.push(fewer.length);
      expect(fewer).toEqual(fewer.length === 0 ? [] : all.slice(-fewer.length));
      return fewer.length >= needed;
    });
    return { left: left.length, tried };
  };
  expect(await behind(0)).toEqual({ left: 0, tried: [0] });
  expect(await behind(3)).toEqual({ left: 4, tried: [0, 1, 2, 4] });
  expect(await behind(9)).toEqual({ left: 16, tried: [0, 1, 2, 4, 8] });
  expect(await fewestBefore([], async () => expect.unreachable())).toEqual([]);
});
