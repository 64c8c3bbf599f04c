import { rm } from 'node:fs/promises';
import path from 'node:path';
import {
  type AheadOfJobs,
  type Guest,
  openStub,
  runSchedule,
  type Schedule,
  shellAt,
  type Typing,
  type Vm,
} from '../guest/index.ts';
import { cacheRoot } from '../lib/cache.ts';
import type { Capsule } from '../lib/capsule.ts';
import { LabError, UserError } from '../lib/errors.ts';
import type { GuestEvent } from '../lib/events.ts';
import type { Target } from '../lib/ids.ts';
import type { Payload } from '../lib/payload.ts';
import { temporaryFolder } from '../lib/temporary.ts';
import { busyboxFor } from '../provision/index.ts';
import type { ReplayOutcome, RunJob } from './replay.ts';
import type { TargetOptions } from './target-options.ts';

/** A replay that somebody looks into. */

export type Person =
  /** The guest stands before the job until the debugger that comes to the socket lets it go on. */
  | { kind: 'gdb'; onStopped: (stub: Stub) => void; onEvent: (event: GuestEvent) => void }
  /** When the job has ended, and they were told how, the console of its guest is theirs. */
  | { kind: 'shell'; onEnd: (outcome: ReplayOutcome) => Promise<void>; typing: Typing };

/** Where a debugger is to connect, and what there is to be debugged. */
export interface Stub {
  socket: string;
  payload: Payload;
}

/** How long a person may stay. */
const PERSON_SECONDS = 12 * 3600;

export const aheadOf = ({ kind }: Person): AheadOfJobs => ({
  ...{ most: 1, lifeSeconds: PERSON_SECONDS },
  typed: kind === 'shell',
});

/** Nothing but the person says how long it may take. */
export const debugged =
  (
    guest: Guest,
    before: readonly string[],
    { onStopped, onEvent }: Extract<Person, { kind: 'gdb' }>,
    signal: AbortSignal,
  ): RunJob =>
  async (job) => {
    const dir = await temporaryFolder();
    try {
      const socket = path.join(dir, 'gdb');
      const release = async ({ qmp }: Vm): Promise<void> => {
        await openStub(qmp, socket);
        onStopped({ socket, payload: guest.payload });
      };
      return await runSchedule(guest, job, {
        ...{ limitSeconds: PERSON_SECONDS, before, signal },
        ...{ onEvent, release },
      });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  };

/** What the person's shell is. It is found before anything is run: without it there is no use in that. */
export async function busyboxOf(target: Target, options: Omit<TargetOptions, 'target'>): Promise<string> {
  const { env, signal, onProgress, kernelSources } = options;
  const context = { env, signal, onProgress, kernelSources, ready: false, cacheRoot: cacheRoot(env) };
  return busyboxFor(target, context).catch((cause: unknown) => {
    if (!(cause instanceof LabError)) throw cause;
    throw new UserError(`--shell: there is no shell for the guest: ${cause.message}`, {
      ...{ code: 'target-unavailable', cause },
      hint: cause.hint ?? '`npm run doctor` tells more',
    });
  });
}

interface Leaving extends Extract<Person, { kind: 'shell' }> {
  busybox: string;
  toldOf: (schedule: Schedule) => Promise<ReplayOutcome>;
  signal: AbortSignal;
}

/** Runs the capsule's job, says how it was, and gives what is left of the guest to the person. */
export async function leftToPerson(
  guest: Guest,
  { job, before, limitSeconds }: Capsule,
  { busybox, toldOf, onEnd, typing, signal }: Leaving,
): Promise<ReplayOutcome> {
  let outcome: ReplayOutcome | undefined;
  const schedule = await runSchedule(guest, job, {
    ...{ limitSeconds, before, signal },
    afterwards: async (left, ended) => {
      outcome = await toldOf(ended);
      await onEnd(outcome);
      // A kernel that is dead or stuck takes in no program.
      if (ended.end.kind === 'finished') await shellAt(left, busybox, typing, signal);
    },
  });
  if (outcome) return outcome;
  outcome = await toldOf(schedule);
  await onEnd(outcome);
  return outcome;
}
