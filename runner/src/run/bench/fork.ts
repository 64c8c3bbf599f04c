import { prepareGuest, runSchedule, type Schedule, withoutForks } from '../../guest/index.ts';
import { openCache } from '../../lib/cache.ts';
import { LabError } from '../../lib/errors.ts';
import { PLAIN_JOB, serializeJob } from '../../lib/job.ts';
import { PERMISSIVE_POLICY } from '../../provision/index.ts';
import { payloadOfTarget } from '../payload-of-target.ts';
import type { TargetOptions } from '../target-options.ts';
import { type Bench, type BenchRow, rowOf } from './rows.ts';

/** Pairs that are run; their medians are reported. */
const PAIRS = 5;
const LIMIT_SECONDS = 30;

/** Forks and cold boots of one target, turn by turn in one run, with the same small job. */
export async function benchFork(options: TargetOptions): Promise<Bench> {
  const { env, signal } = options;
  const payload = await payloadOfTarget(options, 'lab');
  await using guest = await prepareGuest(payload, 'sealed', openCache(env), signal);
  if (!guest.forks) {
    throw new LabError(`QEMU ${guest.qemu.version} cannot fork: there is nothing to compare`, {
      code: 'no-forks',
      hint: '`npm run doctor` says which QEMU can',
    });
  }
  const job = serializeJob(witnessJob, 'bench');
  const forks: Schedule[] = [];
  const boots: Schedule[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    forks.push(await finished(runSchedule(guest, job, { limitSeconds: LIMIT_SECONDS, signal })));
    const cold = withoutForks(guest);
    boots.push(await finished(runSchedule(cold, job, { limitSeconds: LIMIT_SECONDS, signal })));
  }
  return {
    bench: 'fork',
    rows: [
      row('job to first event', forks, boots, (schedule) => schedule.firstEventSeconds ?? Number.NaN),
      row('job to last event', forks, boots, (schedule) => schedule.seconds),
    ],
  };
}

/** One exec under the warden. */
const witnessJob = {
  ...PLAIN_JOB,
  limitMs: LIMIT_SECONDS * 1000,
  truth: true,
  argv: [
    '/bin/warden',
    'run',
    '--events',
    '3',
    '--policy',
    PERMISSIVE_POLICY,
    '--',
    '/bin/witness',
    'GOOD',
    '1',
  ],
};

async function finished(running: Promise<Schedule>): Promise<Schedule> {
  const schedule = await running;
  if (schedule.end.kind === 'finished') return schedule;
  throw new LabError(`a measured run did not finish: ${schedule.end.detail}`, { code: 'bench-failed' });
}

function row(
  what: string,
  forks: readonly Schedule[],
  boots: readonly Schedule[],
  measure: (schedule: Schedule) => number,
): BenchRow {
  return rowOf({ what, unit: 's', peer: 'cold boot' }, forks.map(measure), boots.map(measure));
}
