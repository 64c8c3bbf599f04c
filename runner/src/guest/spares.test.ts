import { expect, test } from 'vitest';
import { Spares, type Startable } from './spares.ts';

interface Vm extends Startable {
  number: number;
}

const HOUR = 3600;

/** Spares of which at most two wait, their clock, and what became of those that were put away. */
function waitingRoom() {
  const gone: number[] = [];
  let seconds = 0;
  let started = 0;
  const start = async (): Promise<Vm> => {
    const number = ++started;
    return { number, ended: false, [Symbol.asyncDispose]: async () => void gone.push(number) };
  };
  const spares = new Spares(start, { most: 2, lifeSeconds: HOUR }, () => seconds * 1000);
  const pass = (by: number): void => {
    seconds += by;
  };
  return { spares, gone, pass };
}

test('those that wait are taken in their order', async () => {
  const { spares, gone } = waitingRoom();
  await spares.fill();
  expect((await spares.take(100)).number).toBe(1);
  expect((await spares.take(100)).number).toBe(2);
  expect((await spares.take(100)).number).toBe(3);
  expect(gone).toEqual([]);
});

test('one that would not live to the end of its job is put away', async () => {
  const { spares, gone, pass } = waitingRoom();
  await spares.fill();
  pass(HOUR - 100);
  expect((await spares.take(101)).number).toBe(3);
  expect(gone).toEqual([1, 2]);
  spares.refill();
  pass(HOUR - 100);
  expect((await spares.take(100)).number).toBe(4);
});

test('a job that needs longer than any of them lives gets one that is new, or nearly', async () => {
  const { spares, gone, pass } = waitingRoom();
  await spares.fill();
  pass(60);
  expect((await spares.take(2 * HOUR)).number).toBe(1);
  pass(1);
  expect((await spares.take(2 * HOUR)).number).toBe(3);
  expect(gone).toEqual([2]);
});

test('whoever waits still is put away in the end', async () => {
  const { spares, gone } = waitingRoom();
  await spares.fill();
  await spares[Symbol.asyncDispose]();
  expect(gone).toEqual([1, 2]);
});
