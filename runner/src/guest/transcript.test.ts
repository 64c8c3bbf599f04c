import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listen } from './transcript.ts';

// vitest's clock moves the global timers alone.
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, value?: unknown) => new Promise((resolve) => setTimeout(resolve, ms, value)),
}));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A guest that never says a word; `icount` answers what its instruction counter shows at a look. */
function silentGuest(icount: () => number | undefined): Parameters<typeof listen>[0] {
  return {
    serial: { listen: () => undefined, unlisten: () => undefined, pump: () => Promise.resolve() },
    exited: new Promise<never>(() => undefined),
    qmp: { call: () => Promise.resolve({ icount: icount() }) },
  };
}

async function endOf(icount: () => number | undefined) {
  const startedAt = performance.now();
  const heard = listen(silentGuest(icount), {
    ...{ signal: new AbortController().signal, limitSeconds: 150 },
    ...{ until: () => false, release: () => Promise.resolve() },
  });
  await vi.runAllTimersAsync();
  const { end } = await heard;
  return { end, seconds: (performance.now() - startedAt) / 1000 };
}

test('an engine whose virtual time stands still is known long before the limit', async () => {
  const { end, seconds } = await endOf(() => 120_435_887);
  expect(end).toMatchObject({ kind: 'error', livelocked: true });
  expect(seconds).toBeLessThan(30);
});

test('a quiet guest whose virtual time moves has its whole limit', async () => {
  let count = 0;
  const { end, seconds } = await endOf(() => count++);
  expect(end).toMatchObject({ kind: 'hung' });
  expect(seconds).toBeGreaterThanOrEqual(150);
});

test('one look at which a busy host had not run it is no livelock', async () => {
  let looks = 0;
  const { end } = await endOf(() => Math.floor(looks++ / 3));
  expect(end).toMatchObject({ kind: 'hung' });
});

test('where nothing counts instructions nothing is concluded', async () => {
  const { end, seconds } = await endOf(() => undefined);
  expect(end).toMatchObject({ kind: 'hung' });
  expect(seconds).toBeGreaterThanOrEqual(150);
});
