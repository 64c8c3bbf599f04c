import { expect, test } from 'vitest';
import type { Schedule } from '../guest/index.ts';
import type { Capsule } from '../lib/capsule.ts';
import { jobSchema, PLAIN_JOB, serializeJob } from '../lib/job.ts';
import { capsule } from '../lib/testing.ts';
import { runBeside } from './beside.ts';

const capsuleOf = (seed: string): Capsule =>
  capsule({
    job: serializeJob(
      { ...PLAIN_JOB, seed, limitMs: 9, argv: ['/x'], env: [`PF_SEED=${seed}`] },
      'argv/swap',
    ),
  });

const nothing: Schedule = {
  ...{ events: [], console: [], end: { kind: 'finished' }, digest: null },
  ...{ seconds: 1, firstEventSeconds: null },
};

/** What becomes of a search in which this seed alone passes, and which seeds it ran. */
async function beside(seed: string, passing: string) {
  const ran: string[] = [];
  const run = async (text: string): Promise<Schedule> => {
    const job = jobSchema.parse(JSON.parse(text));
    ran.push(`${job.seed} ${job.env[0]}`);
    return nothing;
  };
  const found = await runBeside(capsuleOf(seed), run, (record) => record.seed === passing);
  return { ran, found };
}

test('the seeds behind the capsule’s own are run until one passes', async () => {
  const { ran, found } = await beside('6', '8');
  expect(ran).toEqual(['7 PF_SEED=7', '8 PF_SEED=8']);
  expect(found).toMatchObject({
    tried: 2,
    record: { seed: '8', lane: 'guarded', shape: 'plain', trials: 3 },
  });
});

test('after eight seeds there is none', async () => {
  const { ran, found } = await beside('6', '15');
  expect(ran).toHaveLength(8);
  expect(found).toEqual({ tried: 8, record: null });
});

test('behind the last seed is the first', async () => {
  const { found } = await beside('18446744073709551615', '0');
  expect(found).toMatchObject({ tried: 1, record: { seed: '0' } });
});
