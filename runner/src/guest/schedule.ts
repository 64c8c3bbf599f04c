import type { Cache } from '../lib/cache.ts';
import type { GuestEvent, ScheduleEnd } from '../lib/events.ts';
import type { Mode } from '../lib/ids.ts';
import type { Payload } from '../lib/payload.ts';
import {
  BootFailure,
  bootToReady,
  type Checkpoint,
  ensureCheckpoint,
  load,
  type Readiness,
} from './checkpoint.ts';
import { postJob } from './mailbox.ts';
import { rearmTimer } from './mips-migration.ts';
import { findQemu, type Qemu, qemuArgs, type Sockets } from './qemu.ts';
import { Spares } from './spares.ts';
import { type Heard, type ListenOptions, listen } from './transcript.ts';
import { EngineTrouble, Vm } from './vm.ts';

/** A target that can run schedules; disposing ends the QEMUs that wait for one. */
export interface Guest extends AsyncDisposable {
  payload: Payload;
  mode: Mode;
  qemu: Qemu;
  ready: Readiness;
  /** Null where each schedule has to boot from cold: this QEMU cannot fork, or forks were seen to differ. */
  forks: Forks | null;
}

interface Forks {
  checkpoint: Checkpoint;
  spares: Spares;
  /** Wall seconds that QEMU may take to take the checkpoint over. */
  restoreSeconds: number;
}

/** It takes a fraction of a second; a QEMU that hangs in it is told from one on a very busy machine by this. */
const RESTORE_SECONDS = 120;

/** One schedule as the guest lived it. */
export interface Schedule extends Omit<Heard, 'nextSequence' | 'digest'> {
  /** Null in live mode, where two runs of one seed differ. */
  digest: string | null;
  seconds: number;
}

export interface ScheduleOptions {
  /** Guest seconds the job may take; the wall gets more. */
  limitSeconds: number;
  signal: AbortSignal;
  /** Called with each event as it comes. */
  onEvent?: (event: GuestEvent) => void;
  /** In place of going on at once: the guest stands still, its job is posted, and whoever is told lets it go on. */
  release?: (vm: Vm) => Promise<void>;
  /** What is done with the guest when its job has ended, before it is put away. */
  afterwards?: (left: Left, schedule: Schedule) => Promise<void>;
}

/** A guest behind its job, as the job left it. */
export interface Left {
  vm: Vm;
  mailbox: bigint;
  /** Of the next frame. */
  nextSequence: number;
}

/** The agent ends a job that takes too long; a guest in which that has not happened so much later is dead. */
const GUEST_SLACK_SECONDS = 10;
/** A sealed guest needs up to this many wall seconds for one of its own; on a busy machine it gets more. */
const WALL_PER_GUEST_SECOND = 4;
const WALL_SLACK_SECONDS = 30;
/** The QEMUs that are started ahead. */
export interface Ahead {
  most: number;
  /** The most that one may live; how long its job may take is watched from here. */
  lifeSeconds: number;
  /** Whether a person is to type into them. */
  typed?: boolean;
}

/** Two for each core of the small machines that the lab is made for: short jobs end before theirs is replaced. */
const FOR_JOBS: Ahead = { most: 4, lifeSeconds: 3600 };

/** Boots the target once, or finds that this was done before. Throws BootFailure when it does not get READY. */
export async function prepareGuest(
  payload: Payload,
  mode: Mode,
  cache: Cache,
  signal: AbortSignal,
  ahead = FOR_JOBS,
): Promise<Guest> {
  const qemu = await findQemu(payload.machine, signal);
  if (qemu.forks) {
    const checkpoint = await ensureCheckpoint(payload, mode, qemu, cache, signal);
    const args = (sockets: Sockets) =>
      qemuArgs(payload, mode, sockets, { kind: 'incoming', memoryFile: checkpoint.memoryFile });
    const { lifeSeconds, typed } = ahead;
    const start = () => Vm.start(qemu.binary, args, lifeSeconds, signal, { typed });
    const spares = new Spares(start, ahead.most);
    await spares.fill();
    const dispose = () => spares[Symbol.asyncDispose]();
    const forks = { checkpoint, spares, restoreSeconds: RESTORE_SECONDS };
    return { payload, mode, qemu, ready: checkpoint, forks, [Symbol.asyncDispose]: dispose };
  }
  const limit = payload.machine.bootLimitSeconds + WALL_SLACK_SECONDS;
  const { vm, ready } = await bootToReady(payload, mode, qemu, limit, signal);
  await vm[Symbol.asyncDispose]();
  return { payload, mode, qemu, ready, forks: null, [Symbol.asyncDispose]: async () => undefined };
}

/** The same guest, each of whose schedules boots from cold. */
export const withoutForks = (guest: Guest): Guest => ({ ...guest, forks: null });

/** Runs one job in a fresh fork of the guest. What the guest does is in the result; it throws for the lab's own trouble only. */
export async function runSchedule(guest: Guest, job: string, options: ScheduleOptions): Promise<Schedule> {
  const startedAt = performance.now();
  try {
    await using fork = await start(guest, wallLimit(options), options.signal);
    const refill = () => guest.forks?.spares.refill();
    const { onEvent, release } = options;
    const heard = await runJob(fork, job, {
      ...limitsOf(guest, options),
      ...{ onFirstEvent: refill, onEvent, startedAt },
      release: release ?? (async ({ qmp }) => void (await qmp.call('cont'))),
    });
    const seconds = (performance.now() - startedAt) / 1000;
    const schedule = { ...heard, digest: guest.mode === 'sealed' ? heard.digest : null, seconds };
    const { nextSequence } = heard;
    await options.afterwards?.({ vm: fork.vm, mailbox: BigInt(fork.ready.mailbox), nextSequence }, schedule);
    return schedule;
  } catch (error) {
    const seconds = (performance.now() - startedAt) / 1000;
    if (error instanceof EngineTrouble) {
      const end: ScheduleEnd = { kind: 'error', detail: error.message };
      return { end, events: [], console: [], firstEventSeconds: null, digest: null, seconds };
    }
    if (!(error instanceof BootFailure)) throw error;
    const end: ScheduleEnd =
      error.heard.end.kind === 'finished' ? { kind: 'error', detail: error.message } : error.heard.end;
    return { ...error.heard, end, digest: null, seconds };
  }
}

const wallLimit = ({ limitSeconds }: ScheduleOptions): number =>
  limitSeconds * WALL_PER_GUEST_SECOND + WALL_SLACK_SECONDS;

function limitsOf({ mode, payload }: Guest, options: ScheduleOptions) {
  const limits = { signal: options.signal, limitSeconds: wallLimit(options) };
  if (mode === 'live') return limits;
  const nanosecondsPerInstruction = 2 ** payload.machine.sealedShift;
  const seconds = options.limitSeconds + GUEST_SLACK_SECONDS;
  return { ...limits, guestTime: { seconds, nanosecondsPerInstruction } };
}

interface Fork extends AsyncDisposable {
  vm: Vm;
  ready: Readiness;
}

async function start(guest: Guest, limitSeconds: number, signal: AbortSignal): Promise<Fork> {
  const { payload, mode, qemu, forks } = guest;
  if (!forks) {
    const limit = limitSeconds + payload.machine.bootLimitSeconds;
    const { vm, ready } = await bootToReady(payload, mode, qemu, limit, signal);
    return { vm, ready, [Symbol.asyncDispose]: () => vm[Symbol.asyncDispose]() };
  }
  const vm = await forks.spares.take();
  try {
    await vm.within(forks.restoreSeconds, 'take the checkpoint over', async () => {
      await load(vm.qmp, forks.checkpoint.devicesFile, signal);
      if (!payload.machine.migratesWhole) await rearmTimer(vm.gdb, payload.machine);
    });
  } catch (error) {
    await vm[Symbol.asyncDispose]();
    throw error;
  }
  return { vm, ready: forks.checkpoint, [Symbol.asyncDispose]: () => vm[Symbol.asyncDispose]() };
}

interface JobOptions extends Omit<ListenOptions, 'until' | 'release'> {
  startedAt: number;
  release: (vm: Vm) => Promise<void>;
}

async function runJob(
  { vm, ready }: Fork,
  job: string,
  { startedAt, release, ...options }: JobOptions,
): Promise<Heard> {
  await postJob(vm.gdb, BigInt(ready.mailbox), job);
  // A connected debugger could stop the guest, and one that hangs up while it runs wakes QEMU's main loop at a time of
  // the host's: the answer to a later question shows that QEMU has taken it.
  await vm.gdb[Symbol.asyncDispose]();
  await vm.qmp.call('query-status');
  const beforeListening = (performance.now() - startedAt) / 1000;
  const heard = await listen(vm, {
    ...options,
    nextSequence: ready.nextSequence,
    until: (event) => event.from === 'agent' && event.event === 'end',
    release: () => release(vm),
  });
  if (heard.firstEventSeconds === null) return heard;
  return { ...heard, firstEventSeconds: heard.firstEventSeconds + beforeListening };
}
