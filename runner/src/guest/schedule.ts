import type { GuestEvent, ScheduleEnd } from '../lib/events.ts';
import type { Mode } from '../lib/ids.ts';
import type { Payload } from '../lib/payload.ts';
import { BootFailure } from './checkpoint.ts';
import { Fork } from './fork.ts';
import type { Guest } from './prepare.ts';
import { findQemu } from './qemu.ts';
import { guestTime, type Heard } from './transcript.ts';
import { EngineTrouble, type Vm } from './vm.ts';

/** The agent ends a job that takes too long; a guest in which that has not happened so much later is dead. */
const GUEST_SLACK_SECONDS = 10;
/** A sealed guest needs up to this many wall seconds for one of its own; on a busy machine it gets more. */
const WALL_PER_GUEST_SECOND = 4;
const WALL_SLACK_SECONDS = 30;
/** How often a sealed guest may take that on a host that hardly runs it. */
const WALL_PATIENCE = 4;

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
}

export interface FreshOptions extends ScheduleOptions {
  /** Jobs that the guest has run before, one after another, since its checkpoint. */
  before?: readonly string[];
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

/**
 * Runs one job in a fresh fork of the guest, behind others if there are to be some. What the guest does is in the result,
 * that of the first which does not come to its end; it throws for the lab's own trouble only.
 */
export async function runSchedule(guest: Guest, job: string, options: FreshOptions): Promise<Schedule> {
  const { before = [], afterwards, limitSeconds, signal, ...ofLast } = options;
  await using series = new Series(guest);
  for (const earlier of before) {
    const schedule = await series.run(earlier, { limitSeconds, signal });
    if (schedule.end.kind !== 'finished') return schedule;
  }
  const schedule = await series.run(job, { ...ofLast, limitSeconds, signal, last: true });
  const { left } = series;
  if (left) await afterwards?.(left, schedule);
  return schedule;
}

/**
 * Forks of a guest that run job after job, which costs a fraction of a fork for each: QEMU has translated the kernel's
 * and the programs' code by then. What a job finds depends on those before it in its fork, and on nothing else.
 */
export class Series implements AsyncDisposable {
  readonly #guest: Guest;
  readonly #most: number;
  #fork: Fork | undefined;
  #behind: string[] = [];

  /** `most` is how many jobs a fork runs. */
  constructor(guest: Guest, most = Number.POSITIVE_INFINITY) {
    this.#guest = guest;
    this.#most = most;
  }

  /** The jobs that the next one's guest has behind it. */
  get before(): readonly string[] {
    return this.#fork && this.#behind.length < this.#most ? this.#behind : [];
  }

  /** The next job gets a guest that has nothing behind it. */
  renew(): void {
    this.#behind = [];
  }

  /** The guest as the last job left it. */
  get left(): Left | undefined {
    if (!this.#fork) return undefined;
    const { vm, mailbox, nextSequence } = this.#fork;
    return { vm, mailbox, nextSequence };
  }

  async run(job: string, options: ScheduleOptions & { last?: boolean }): Promise<Schedule> {
    const startedAt = performance.now();
    const seconds = (): number => (performance.now() - startedAt) / 1000;
    try {
      const heard = await this.#hear(job, options, startedAt);
      const digest = this.#guest.mode === 'sealed' ? heard.digest : null;
      return { ...heard, digest, seconds: seconds() };
    } catch (error) {
      await this.#putAway();
      if (error instanceof EngineTrouble) {
        const end: ScheduleEnd = { kind: 'error', detail: error.message };
        return { end, events: [], console: [], firstEventSeconds: null, digest: null, seconds: seconds() };
      }
      if (!(error instanceof BootFailure)) throw error;
      const end: ScheduleEnd =
        error.heard.end.kind === 'finished' ? { kind: 'error', detail: error.message } : error.heard.end;
      return { ...error.heard, end, digest: null, seconds: seconds() };
    }
  }

  async #hear(
    job: string,
    { onEvent, release, last = false, ...options }: ScheduleOptions & { last?: boolean },
    startedAt: number,
  ): Promise<Heard> {
    const guest = this.#guest;
    if (this.before.length === 0) {
      await this.#putAway();
      this.#fork = await Fork.start(guest, lifeOf(options), options.signal);
    }
    const fork = this.#fork;
    if (!fork) throw new Error('a series without a fork');
    let firstEventSeconds: number | null = null;
    const heard = await fork.run(job, {
      ...limitsOf(guest, options),
      onEvent,
      onFirstEvent: () => {
        firstEventSeconds = (performance.now() - startedAt) / 1000;
        guest.forks?.spares.refill();
      },
      release: release ?? (async ({ qmp }) => void (await qmp.call('cont'))),
      last,
    });
    this.#behind.push(job);
    // Nothing comes after what did not come to its end; what is left of it may be looked at.
    if (heard.end.kind !== 'finished') this.renew();
    return { ...heard, firstEventSeconds };
  }

  async #putAway(): Promise<void> {
    const fork = this.#fork;
    this.#fork = undefined;
    this.#behind = [];
    await fork?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#putAway();
  }
}

const wallLimit = ({ limitSeconds }: ScheduleOptions): number =>
  limitSeconds * WALL_PER_GUEST_SECOND + WALL_SLACK_SECONDS;

/** On the wall, for a sealed guest that goes on executing instructions. */
const patience = (options: ScheduleOptions): number => wallLimit(options) * WALL_PATIENCE;

/** Of a QEMU, which is there to answer when its guest's time is over. */
const lifeOf = (options: ScheduleOptions): number => patience(options) + WALL_SLACK_SECONDS;

/** Runs one job in a guest that is booted for it alone: what is too large, or too rare, for a checkpoint. */
export async function runOnce(
  payload: Payload,
  mode: Mode,
  job: string,
  options: ScheduleOptions,
): Promise<Heard> {
  const { signal, onEvent } = options;
  const qemu = await findQemu(payload.machine, signal);
  await using fork = await Fork.cold({ payload, mode, qemu }, lifeOf(options), signal);
  return await fork.run(job, {
    ...{ ...limitsOf({ mode, payload }, options), onEvent, last: true },
    onFirstEvent: () => undefined,
    release: async ({ qmp }) => void (await qmp.call('cont')),
  });
}

function limitsOf({ mode, payload }: Pick<Guest, 'mode' | 'payload'>, options: ScheduleOptions) {
  const { signal, limitSeconds } = options;
  const limits = { seconds: limitSeconds + GUEST_SLACK_SECONDS, wallSeconds: patience(options) };
  return { signal, limitSeconds: wallLimit(options), ...guestTime(payload.machine, mode, limits) };
}
