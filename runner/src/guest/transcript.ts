import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { GuestEvent, ScheduleEnd } from '../lib/events.ts';
import type { Mode } from '../lib/ids.ts';
import type { Machine } from '../lib/machines/index.ts';
import { isKernelTrouble } from './console-signs.ts';
import { SerialReader } from './frames.ts';
import { exitText, type QemuExit, type Vm } from './vm.ts';

/** How much console text of one guest is kept, the newest. */
const CONSOLE_LINES = 4000;
/** More events than any schedule has a use for: an attack that floods ends its own schedule, not the host's memory. */
const EVENTS_LIMIT = 100_000;
/** How long a kernel in trouble may go on talking before its guest is put away. */
const LAST_WORDS_MS = 3000;
/** How long a guest may be quiet before its instruction counter is looked at. */
const QUIET_MS = 10_000;
/** Between two looks at it. */
const PULSE_MS = 1000;
/**
 * Processor time that a QEMU may spend without counting an instruction. It counts at the end of a slice, which has at most
 * 2^31 ns of virtual time (icount_get_limit()): 268 million instructions at the smallest shift there is, 3.
 */
const STILL_CPU_SECONDS = 30;
/** At the end of its time a guest gets so many looks; one on a busy host is late for a few. */
const LAST_LOOKS = 15;

/** What was heard from one guest between two moments. */
export interface Heard {
  end: ScheduleEnd;
  events: GuestEvent[];
  console: string[];
  /** `sha256:…` over the frames in order. */
  digest: string;
  firstEventSeconds: number | null;
  nextSequence: number;
}

/** What is needed of a guest's QEMU to listen to it. */
export interface Talker {
  serial: Pick<Vm['serial'], 'listen' | 'unlisten' | 'pump'>;
  qmp: Pick<Vm['qmp'], 'call'>;
  cpuSeconds: Vm['cpuSeconds'];
  exited: Promise<QemuExit>;
}

/** What a sealed guest may take of its own time, which a busy host makes longer on the wall and no more. */
export interface GuestTime {
  seconds: number;
  /** The most on the wall, however slow its host; its QEMU has to live longer. */
  wallSeconds: number;
  nanosecondsPerInstruction: number;
}

/** So many of its own seconds within so many on the wall; none in live mode, where nobody counts. */
export const guestTime = (
  machine: Machine,
  mode: Mode,
  limits: { seconds: number; wallSeconds: number },
): { guestTime?: GuestTime } =>
  mode === 'sealed' ? { guestTime: { ...limits, nanosecondsPerInstruction: 2 ** machine.sealedShift } } : {};

export interface ListenOptions {
  signal: AbortSignal;
  /** On the wall; a guest that has `guestTime` left then, and does execute instructions, gets as much again. */
  limitSeconds: number;
  /** None where instructions are not counted, and so say nothing of who stands still. */
  guestTime?: GuestTime;
  /** The event that is waited for. */
  until: (event: GuestEvent) => boolean;
  /** See SerialReader. */
  nextSequence?: number;
  /** Called once, with the first event. */
  onFirstEvent?: () => void;
  /** Called with each event as it comes. */
  onEvent?: ((event: GuestEvent) => void) | undefined;
  /** Lets the guest run, once somebody listens. */
  release: () => Promise<void>;
}

/**
 * Listens to a guest until the awaited event, its death, its silence or the death of its QEMU, whichever is first;
 * it tells them apart and never throws for what a guest does.
 */
export async function listen(vm: Talker, options: ListenOptions): Promise<Heard> {
  const ear = new Ear(options);
  const watch = new AbortController();
  vm.serial.listen((bytes) => ear.take(bytes));
  const aborted = () => ear.abort();
  options.signal.addEventListener('abort', aborted, { once: true });
  // Its last words are read before its death is believed.
  vm.exited.then((exit) => {
    vm.serial.pump();
    ear.qemuEnded(exit);
  });
  try {
    options.signal.throwIfAborted();
    await options.release();
    if (options.guestTime) void watchForLivelock(vm, ear, watch.signal);
    void watchTheTime(vm, ear, options, watch.signal);
    const outcome = await ear.outcome;
    options.signal.throwIfAborted();
    const end = outcome === 'out-of-time' ? await diagnoseSilence(vm, options) : outcome;
    return ear.heard(end);
  } finally {
    watch.abort();
    ear.deaf();
    options.signal.removeEventListener('abort', aborted);
    vm.serial.unlisten();
  }
}

class Ear {
  readonly outcome: Promise<ScheduleEnd | 'out-of-time'>;
  readonly #reader: SerialReader;
  readonly #until: (event: GuestEvent) => boolean;
  readonly #onFirstEvent: (() => void) | undefined;
  readonly #onEvent: ListenOptions['onEvent'];
  readonly #events: GuestEvent[] = [];
  readonly #console: string[] = [];
  readonly #hash = createHash('sha256');
  readonly #startedAt = performance.now();
  #heardAt = performance.now();
  #firstEventSeconds: number | null = null;
  #settle: (end: ScheduleEnd | 'out-of-time') => void = () => undefined;
  #trouble: string | undefined;
  #damage: ScheduleEnd | undefined;
  #lastWords: NodeJS.Timeout | undefined;
  #over = false;

  constructor(options: ListenOptions) {
    this.#reader = new SerialReader(options.nextSequence);
    this.#until = options.until;
    this.#onFirstEvent = options.onFirstEvent;
    this.#onEvent = options.onEvent;
    this.outcome = new Promise((resolve) => {
      this.#settle = (end) => {
        this.#over = true;
        resolve(end);
      };
    });
  }

  take(bytes: Buffer): void {
    this.#heardAt = performance.now();
    for (const line of this.#reader.feed(bytes)) {
      if (this.#over) return;
      if (line.kind === 'event') this.#takeEvent(line.event, line.payload);
      else if (line.kind === 'damaged') this.#takeDamaged(line.reason, line.text);
      else this.#takeConsole(line.text);
    }
  }

  #takeEvent(event: GuestEvent, payload: string): void {
    if (this.#firstEventSeconds === null) {
      this.#firstEventSeconds = (performance.now() - this.#startedAt) / 1000;
      this.#onFirstEvent?.();
    }
    this.#events.push(event);
    this.#hash.update(`${event.from} ${payload}\n`);
    this.#onEvent?.(event);
    if (this.#until(event)) this.#settleFound({ kind: 'finished' });
    else if (this.#events.length >= EVENTS_LIMIT) {
      this.#settle({ kind: 'error', detail: `the guest sent more than ${EVENTS_LIMIT} events` });
    }
  }

  #takeDamaged(reason: string, text: string): void {
    this.#takeConsole(text);
    if (this.#trouble || this.#damage) return;
    // A kernel in trouble talks across everything: then that is the news, and it may be said a line below the frame it cut.
    this.#damage = { kind: 'error', detail: `the event stream is damaged: ${reason}` };
    this.#lastWords = setTimeout(() => this.#settleFound(), LAST_WORDS_MS);
  }

  #takeConsole(text: string): void {
    this.#console.push(text);
    if (this.#console.length > CONSOLE_LINES) this.#console.shift();
    if (this.#trouble || !isKernelTrouble(text)) return;
    this.#trouble = text;
    clearTimeout(this.#lastWords);
    this.#lastWords = setTimeout(() => this.#settleFound(), LAST_WORDS_MS);
  }

  /** What the console or a broken frame told stands above how the guest seems to end. */
  #settleFound(otherwise: ScheduleEnd | 'out-of-time' = 'out-of-time'): void {
    if (this.#trouble !== undefined) this.#settle({ kind: 'crashed', detail: this.#trouble });
    else this.#settle(this.#damage ?? otherwise);
  }

  qemuEnded(exit: QemuExit): void {
    this.#settleFound({ kind: 'error', detail: exitText(exit) });
  }

  quietMs(): number {
    return performance.now() - this.#heardAt;
  }

  livelocked(): void {
    this.#settle(livelock(`for ${Math.round(this.quietMs() / 1000)} s`));
  }

  runOut(): void {
    this.#settleFound('out-of-time');
  }

  abort(): void {
    this.#settle({ kind: 'error', detail: 'interrupted' });
  }

  deaf(): void {
    this.#over = true;
    clearTimeout(this.#lastWords);
  }

  heard(end: ScheduleEnd): Heard {
    return {
      end,
      events: this.#events,
      console: this.#console,
      digest: `sha256:${this.#hash.digest('hex')}`,
      firstEventSeconds: this.#firstEventSeconds,
      nextSequence: this.#reader.nextSequence,
    };
  }
}

const livelock = (within: string): ScheduleEnd => ({
  kind: 'error',
  detail: `the engine livelocked: nothing was heard ${within} and virtual time stands still`,
});

/** Tells the ear of an engine that spins and gets nowhere while nothing is heard of its guest. Ends with the signal. */
async function watchForLivelock(vm: Talker, ear: Ear, signal: AbortSignal): Promise<void> {
  let since: Work | undefined;
  while (!signal.aborted) {
    await delay(Math.max(QUIET_MS - ear.quietMs(), PULSE_MS), undefined, { signal }).catch(() => undefined);
    const now = ear.quietMs() < QUIET_MS ? undefined : await workOf(vm);
    if (!now || !since || now.instructions > since.instructions) since = now;
    else if (now.cpuSeconds - since.cpuSeconds >= STILL_CPU_SECONDS) return ear.livelocked();
  }
}

/** Tells the ear when the guest's time is over. Ends with the signal. */
async function watchTheTime(
  vm: Talker,
  ear: Ear,
  { limitSeconds, guestTime }: ListenOptions,
  signal: AbortSignal,
): Promise<void> {
  const start = guestTime ? await patientCount(vm) : undefined;
  let before = start;
  let wallSeconds = 0;
  while (!signal.aborted) {
    const pause = Math.min(limitSeconds, (guestTime?.wallSeconds ?? limitSeconds) - wallSeconds);
    await delay(pause * 1000, undefined, { signal }).catch(() => undefined);
    wallSeconds += pause;
    const now = signal.aborted || !guestTime ? undefined : await patientCount(vm);
    if (start === undefined || before === undefined || now === undefined || !guestTime) break;
    const seconds = ((now - start) * guestTime.nanosecondsPerInstruction) / 1e9;
    if (now <= before || seconds >= guestTime.seconds || wallSeconds >= guestTime.wallSeconds) break;
    before = now;
  }
  if (!signal.aborted) ear.runOut();
}

/** A guest that said nothing in time: does it still execute instructions, or does its engine stand still? */
async function diagnoseSilence(vm: Talker, { limitSeconds, guestTime }: ListenOptions): Promise<ScheduleEnd> {
  const within = `within ${limitSeconds} s`;
  const hung = (detail: string): ScheduleEnd => ({
    kind: 'hung',
    detail: `nothing more was heard ${within}${detail}`,
  });
  const before = guestTime && (await instructionCount(vm));
  for (let look = 0; before !== undefined && look < LAST_LOOKS; look++) {
    await delay(PULSE_MS);
    const now = await instructionCount(vm);
    if (now !== undefined && now > before) return hung(', though virtual time moves');
  }
  return before === undefined ? hung('; QEMU does not tell whether time moves') : livelock(within);
}

interface Work {
  instructions: number;
  cpuSeconds: number;
}

async function workOf(vm: Talker): Promise<Work | undefined> {
  const [instructions, cpuSeconds] = await Promise.all([instructionCount(vm), vm.cpuSeconds()]);
  return instructions === undefined || cpuSeconds === undefined ? undefined : { instructions, cpuSeconds };
}

/** The same of a QEMU that a busy host may not let answer at once. */
async function patientCount(vm: Talker): Promise<number | undefined> {
  for (let look = 0; look < LAST_LOOKS; look++) {
    const count = await instructionCount(vm);
    if (count !== undefined) return count;
  }
  return undefined;
}

/** Instructions that a sealed guest has executed: QEMU counts them under -icount, and says 0 for ever without. */
export async function instructionCount(vm: Talker): Promise<number | undefined> {
  const answer = await Promise.race([
    vm.qmp.call('query-replay').catch(() => undefined),
    delay(PULSE_MS, undefined, { ref: false }),
  ]);
  if (typeof answer !== 'object' || answer === null || !('icount' in answer)) return undefined;
  return typeof answer.icount === 'number' ? answer.icount : undefined;
}
