import PQueue from 'p-queue';
import { prepareGuest, runInputs, runSchedule, type Schedule } from '../guest/index.ts';
import { allOrFirstFailure } from '../lib/all.ts';
import { cacheRoot, openCache } from '../lib/cache.ts';
import type { Capsule, CapsuleInputs } from '../lib/capsule.ts';
import { LabError, UserError } from '../lib/errors.ts';
import type { ScheduleRecord } from '../lib/events.ts';
import { targetName } from '../lib/ids.ts';
import { jobSchema } from '../lib/job.ts';
import { provisionTarget } from '../provision/index.ts';
import { type Beside, recordOfCapsule, runBeside } from './beside.ts';
import { aheadOf, busyboxOf, debugged, leftToPerson, type Person } from './replay-person.ts';
import type { TargetOptions } from './target-options.ts';

export interface ReplayOptions extends Omit<TargetOptions, 'target'> {
  capsule: Capsule;
  times: number;
  /** For a person, who has a debugger or looks at what is left; left out, nobody is there. */
  person?: Person | undefined;
  /** Guests at once. */
  jobs: number;
  /** Called after each replay with how many there were. */
  onReplay: (done: number) => void;
  /** Asked of schedules with other seeds, until it is true of one; left out, none is run. */
  passes?: ((record: ScheduleRecord) => boolean) | undefined;
}

/** What is not as it was, when the capsule was made. */
export interface Difference {
  input: string;
  was: string;
  is: string;
}

export interface ReplayOutcome {
  differences: Difference[];
  /** Each replay's digest, or how it ended instead. */
  digests: string[];
  same: number;
  /** The first replay. */
  first: ScheduleRecord;
  /** Null where nobody asked for it. */
  beside: Beside | null;
}

/** Runs a capsule's job again, as often as asked, and compares the digests of all that was heard with the capsule's. */
export async function replay(options: ReplayOptions): Promise<ReplayOutcome> {
  const { capsule, signal, onProgress, scenarios, catalogue, kernelSources, env } = options;
  const target = { arch: capsule.arch, kernel: capsule.kernel };
  const provisioned = await provisionTarget(target, {
    ...{ scenarios, catalogue, kernelSources, env, signal, onProgress },
    ready: false,
    cacheRoot: cacheRoot(env),
  });
  if (!provisioned.ok) {
    const what = `the capsule is of ${targetName(target)} (${capsule.kernelSource})`;
    throw new UserError(`${what}: ${provisioned.reason}`, {
      code: 'capsule-target',
      hint: provisioned.hint,
    });
  }
  const { person } = options;
  const busybox = person?.kind === 'shell' ? await busyboxOf(target, options) : '';
  const ahead = person && aheadOf(person);
  await using guest = await prepareGuest(provisioned.payload, 'sealed', openCache(env), signal, ahead);
  if (!guest.forks) {
    throw new LabError(`QEMU ${guest.qemu.version} cannot fork a guest, and capsules are of forks`, {
      code: 'qemu-too-old',
      hint: '`npm run doctor` says how to get a newer one',
    });
  }
  const differences = differencesOf(capsule.inputs, await runInputs(guest));
  const { limitSeconds, before } = capsule;
  const run: RunJob = (job) => {
    signal.throwIfAborted();
    return runSchedule(guest, job, { limitSeconds, before, signal });
  };
  const outcomeOf = async (replays: readonly Replay[]): Promise<ReplayOutcome> => {
    const digests = replays.map(({ digest }) => digest);
    const same = digests.filter((digest) => digest === capsule.expected.digest).length;
    const first = replays[0]?.record;
    if (!first) throw new Error('nothing was replayed');
    const beside = options.passes ? await runBeside(capsule, run, options.passes) : null;
    return { differences, digests, same, first, beside };
  };
  if (person?.kind === 'gdb')
    return await outcomeOf(await runAll(debugged(guest, before, person, signal), options));
  if (person?.kind !== 'shell') return await outcomeOf(await runAll(run, options));
  const toldOf = (schedule: Schedule) => outcomeOf([replayOf(capsule, schedule)]);
  return await leftToPerson(guest, capsule, { ...person, busybox, toldOf, signal });
}

export type RunJob = (job: string) => Promise<Schedule>;

interface Replay {
  /** Or how it ended instead. */
  digest: string;
  /** Of the first one only: there may be very many. */
  record?: ScheduleRecord;
}

async function runAll(run: RunJob, { capsule, times, jobs, onReplay }: ReplayOptions): Promise<Replay[]> {
  const queue = new PQueue({ concurrency: jobs });
  let done = 0;
  const one = async (index: number): Promise<Replay> => {
    const schedule = await run(capsule.job);
    onReplay(++done);
    const { digest, record } = replayOf(capsule, schedule);
    return index > 0 ? { digest } : { digest, record };
  };
  return await allOrFirstFailure(Array.from({ length: times }, (_, index) => queue.add(() => one(index))));
}

function replayOf(capsule: Capsule, schedule: Schedule): Replay {
  const { end } = schedule;
  const digest = end.kind === 'finished' ? (schedule.digest ?? 'no digest') : `${end.kind}: ${end.detail}`;
  const { seed } = jobSchema.parse(JSON.parse(capsule.job));
  return { digest, record: recordOfCapsule(capsule, schedule, seed) };
}

export function differencesOf(was: CapsuleInputs, is: CapsuleInputs): Difference[] {
  const rows: [string, string, string][] = [
    ['kernel', was.kernel, is.kernel],
    ['initramfs (agent, warden, hooks, attacks, policies)', was.initramfs, is.initramfs],
    ['QEMU', was.qemu, is.qemu],
    ['way to make a checkpoint', String(was.checkpoint), String(is.checkpoint)],
    ...wordDifferences(was.args, is.args),
  ];
  return rows.flatMap(([input, before, now]) => (before === now ? [] : [{ input, was: before, is: now }]));
}

/** Arguments by place, as long as they are as many; else all of them. */
function wordDifferences(was: readonly string[], is: readonly string[]): [string, string, string][] {
  if (was.length !== is.length) return [["QEMU's arguments", was.join(' '), is.join(' ')]];
  return was.map((word, at) => [`QEMU's argument ${at + 1}`, word, is[at] ?? '']);
}
