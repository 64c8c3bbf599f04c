import { expect, test } from 'vitest';
import { type Guest, prepareGuest, runSchedule, Series, type Vm } from '../../src/guest/index.ts';
import { openCache } from '../../src/lib/cache.ts';
import { PLAIN_JOB, serializeJob } from '../../src/lib/job.ts';
import { PERMISSIVE_POLICY } from '../../src/provision/index.ts';
import { payloadOf } from './here.ts';

/** What lets a search go on in one guest: what a job finds there depends on the jobs before it, and on nothing else. */

const signal = new AbortController().signal;
const limits = { limitSeconds: 30, signal };
const warden = ['/bin/warden', 'run', '--events', '3', '--policy', PERMISSIVE_POLICY, '--'];

const jobOf = (word: string): string =>
  serializeJob(
    { ...PLAIN_JOB, limitMs: 20_000, truth: true, argv: [...warden, '/bin/witness', word, '1'] },
    'series',
  );

async function digestsOf(guest: Guest, jobs: readonly string[], most?: number) {
  await using series = new Series(guest, most);
  const digests = [];
  for (const job of jobs) {
    const { end, digest } = await series.run(job, limits);
    expect(end).toEqual({ kind: 'finished' });
    digests.push(digest);
  }
  return digests;
}

test.each(['x86_64', 'arm', 'mipsel'] as const)('jobs in one guest, one after another: %s', async (arch) => {
  await using guest = await prepareGuest(await payloadOf(arch), 'sealed', openCache(process.env), signal);
  const [one, two, three] = [jobOf('ONE'), jobOf('TWO'), jobOf('THREE')];
  const digestOf = async (job: string, before: readonly string[] = []) =>
    (await runSchedule(guest, job, { ...limits, before })).digest;

  const series = await digestsOf(guest, [one, two, three]);
  expect(await digestsOf(guest, [one, two, three])).toEqual(series);
  // That others are to come is not seen by the first, nor by the last that there are none.
  expect(await digestOf(one)).toBe(series[0]);
  expect(await digestOf(three, [one, two])).toBe(series[2]);
  // What came before is: the comparison can fail.
  expect(await digestOf(three, [one])).not.toBe(series[2]);
  expect(await digestOf(three)).not.toBe(series[2]);
  // After so many it is another guest.
  expect(await digestsOf(guest, [one, one, one], 2)).toEqual([
    series[0],
    await digestOf(one, [one]),
    series[0],
  ]);

  // Nor is there anything to go on with behind a job that did not come to its end.
  await using broken = new Series(guest);
  await broken.run(one, limits);
  const release = async ({ qmp }: Vm) => void (await qmp.call('quit'));
  expect((await broken.run(two, { ...limits, release })).end).toMatchObject({ kind: 'error' });
  expect(broken.before).toEqual([]);
  expect((await broken.run(one, limits)).digest).toBe(series[0]);
});
