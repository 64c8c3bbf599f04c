import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type GuestTime, listen } from './transcript.ts';

// vitest's clock moves the global timers alone.
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, value?: unknown, options?: { signal?: AbortSignal }) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(new Error('aborted'));
      };
      const timer = setTimeout(() => {
        options?.signal?.removeEventListener('abort', stop);
        resolve(value);
      }, ms);
      options?.signal?.addEventListener('abort', stop, { once: true });
    }),
}));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A guest that never says a word; `icount` answers what its instruction counter shows at a look. */
function silentGuest(icount: () => number | undefined, share: number): Parameters<typeof listen>[0] {
  return {
    serial: { listen: () => undefined, unlisten: () => undefined, pump: () => undefined },
    exited: new Promise<never>(() => undefined),
    qmp: { call: () => Promise.resolve({ icount: icount() }) },
    cpuSeconds: () => Promise.resolve((performance.now() / 1000) * share),
  };
}

const TWO_MINUTES = { seconds: 120, wallSeconds: 600, nanosecondsPerInstruction: 32 };

/** `share`: how much of a processor its QEMU gets. */
async function endOf(
  icount: () => number | undefined,
  share = 1,
  guestTime: GuestTime | 'live' = TWO_MINUTES,
) {
  const startedAt = performance.now();
  const heard = listen(silentGuest(icount, share), {
    ...{ signal: new AbortController().signal, limitSeconds: 150 },
    ...(guestTime !== 'live' && { guestTime }),
    ...{ until: () => false, release: () => Promise.resolve() },
  });
  await vi.runAllTimersAsync();
  const { end } = await heard;
  return { end, seconds: (performance.now() - startedAt) / 1000 };
}

test('an engine that spins and counts no instruction is known long before the limit', async () => {
  const { end, seconds } = await endOf(() => 120_435_887);
  expect(end).toMatchObject({ kind: 'error', detail: expect.stringMatching(/livelocked/) });
  expect(seconds).toBeLessThan(60);
});

test('an engine that the host hardly runs has its whole limit', async () => {
  const { end, seconds } = await endOf(() => 120_435_887, 0.1);
  expect(end).toMatchObject({ kind: 'error', detail: expect.stringMatching(/livelocked/) });
  expect(seconds).toBeGreaterThanOrEqual(150);
});

test('a quiet guest whose virtual time moves has its whole limit', async () => {
  let count = 0;
  const { end, seconds } = await endOf(() => count++);
  expect(end).toMatchObject({ kind: 'hung' });
  expect(seconds).toBeGreaterThanOrEqual(150);
});

test('looks between which a busy host had not run it are no livelock', async () => {
  let looks = 0;
  const { end } = await endOf(() => Math.floor(looks++ / 12));
  expect(end).toMatchObject({ kind: 'hung' });
});

test('a live guest, whose count is always 0, has its whole limit', async () => {
  const { end, seconds } = await endOf(() => 0, 1, 'live');
  expect(end).toMatchObject({ kind: 'hung', detail: expect.stringMatching(/does not tell/) });
  expect(seconds).toBeGreaterThanOrEqual(150);
});

test('where nothing counts instructions nothing is concluded', async () => {
  const { end, seconds } = await endOf(() => undefined);
  expect(end).toMatchObject({ kind: 'hung' });
  expect(seconds).toBeGreaterThanOrEqual(150);
});

test('a sealed guest that a busy host hardly runs has all of its own time', async () => {
  // A quarter of a guest's second in one of the wall's.
  const count = () => Math.floor((performance.now() / 1000) * 0.25 * 1e9) / 32;
  const { end, seconds } = await endOf(count, 0.25, TWO_MINUTES);
  expect(end).toMatchObject({ kind: 'hung' });
  expect(seconds).toBeGreaterThanOrEqual(480);
  expect(seconds).toBeLessThan(480 + 2 * 150);
});

test('and is not given up because its QEMU did not answer a few times', async () => {
  let looks = 0;
  const count = () =>
    looks++ % 5 === 0 ? Math.floor((performance.now() / 1000) * 0.25 * 1e9) / 32 : undefined;
  const { end, seconds } = await endOf(count, 0.25, TWO_MINUTES);
  expect(end).toMatchObject({ kind: 'hung' });
  expect(seconds).toBeGreaterThanOrEqual(480);
});

test('but has no more of the wall than its QEMU lives', async () => {
  const count = () => Math.floor((performance.now() / 1000) * 0.05 * 1e9) / 32;
  const { end, seconds } = await endOf(count, 0.05, {
    ...TWO_MINUTES,
    wallSeconds: 400,
  });
  expect(end).toMatchObject({ kind: 'hung', detail: expect.stringMatching(/virtual time moves/) });
  expect(seconds).toBeGreaterThanOrEqual(400);
  expect(seconds).toBeLessThan(405);
});

test('one whose own time is over has no more', async () => {
  const count = () => Math.floor((performance.now() / 1000) * 2 * 1e9) / 32;
  const { end, seconds } = await endOf(count, 1, TWO_MINUTES);
  expect(end).toMatchObject({ kind: 'hung' });
  expect(seconds).toBeLessThan(180);
});

const END = '{"t":1,"event":"end"}';
const endFrame = `~PF1 0 agent ${END.length} ${crc32(END).toString(16).padStart(8, '0')} ${END}\n`;

/** How a guest ends that says this as soon as it runs, up to its `end`. */
async function endAfter(...said: string[]) {
  let take: (bytes: Buffer) => void = () => undefined;
  const silent = silentGuest(() => undefined, 1);
  const hear = (to: typeof take) => {
    take = to;
  };
  const guest = { ...silent, serial: { ...silent.serial, listen: hear } };
  const heard = listen(guest, {
    ...{ signal: new AbortController().signal, limitSeconds: 150 },
    until: (event) => event.event === 'end',
    release: async () => {
      for (const text of said) take(Buffer.from(text));
    },
  });
  await vi.runAllTimersAsync();
  return (await heard).end;
}

const SPLAT = '[    3.1] WARNING: possible recursive locking detected';

test('a guest that found a bug in itself crashed, though it goes on to its end', async () => {
  expect(await endAfter(endFrame)).toEqual({ kind: 'finished' });
  expect(await endAfter(`${SPLAT}\n`, endFrame)).toEqual({ kind: 'crashed', detail: SPLAT });
});

test('a frame that a splat cut is the splat’s doing, wherever it is told', async () => {
  const cut = '~PF1 0 agent 2[    3.1] ------------[ cut here ]------------\n';
  expect(await endAfter(cut, `${SPLAT}\n`, endFrame)).toEqual({ kind: 'crashed', detail: SPLAT });
  expect(await endAfter(cut, `${SPLAT}\n`)).toEqual({ kind: 'crashed', detail: SPLAT });
});

test('a frame that was cut is an error, whatever else is said behind it', async () => {
  const damaged = { kind: 'error', detail: expect.stringMatching(/damaged: a frame was cut/) };
  expect(await endAfter('~PF1 0 agent 2\n')).toEqual(damaged);
  expect(await endAfter('~PF1 0 agent 2\n', endFrame)).toEqual(damaged);
});
