import { bootToReady, load, type Readiness, stopAfter } from './checkpoint.ts';
import { postJob } from './mailbox.ts';
import { rearmTimer } from './mips-migration.ts';
import type { Guest } from './prepare.ts';
import { type Heard, type ListenOptions, listen } from './transcript.ts';
import type { Vm } from './vm.ts';

/** What QEMU does at once, on a machine that is not much too busy. */
const AT_ONCE_SECONDS = 60;

export interface ForkOptions extends Omit<ListenOptions, 'until' | 'release' | 'nextSequence'> {
  /** Lets the guest go on, whose job is posted. */
  release: (vm: Vm) => Promise<void>;
  /** No job comes after it: no debugger stays connected. */
  last: boolean;
}

/** A guest at its checkpoint, or behind some jobs, that takes another. */
export class Fork implements AsyncDisposable {
  readonly vm: Vm;
  readonly mailbox: bigint;
  /** Of the next frame. */
  nextSequence: number;
  #jobs = 0;
  #stopped: Promise<unknown> | undefined;

  private constructor(vm: Vm, { mailbox, nextSequence }: Readiness) {
    this.vm = vm;
    this.mailbox = BigInt(mailbox);
    this.nextSequence = nextSequence;
  }

  /** A boot from cold. */
  static async cold(
    { payload, mode, qemu }: Pick<Guest, 'payload' | 'mode' | 'qemu'>,
    limitSeconds: number,
    signal: AbortSignal,
  ): Promise<Fork> {
    const { vm, ready } = await bootToReady(payload, mode, qemu, limitSeconds, signal);
    return new Fork(vm, ready);
  }

  /** Of the guest's checkpoint, or a boot from cold where it has none. Its job may take `limitSeconds`. */
  static async start(guest: Guest, limitSeconds: number, signal: AbortSignal): Promise<Fork> {
    const { payload, forks } = guest;
    if (!forks) return await Fork.cold(guest, limitSeconds, signal);
    const vm = await forks.spares.take(limitSeconds);
    try {
      await vm.within(forks.restoreSeconds, 'take the checkpoint over', async () => {
        await load(vm.qmp, forks.checkpoint.devicesFile, signal);
        if (!payload.machine.migratesWhole) await rearmTimer(vm.gdb, payload.machine);
      });
      return new Fork(vm, forks.checkpoint);
    } catch (error) {
      await vm[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs a job. Unless it is the last the guest is stopped behind it, at an instruction. */
  async run(job: string, { release, last, ...options }: ForkOptions): Promise<Heard> {
    const { vm } = this;
    await vm.within(AT_ONCE_SECONDS, 'stand behind a job', () => this.#stand());
    await vm.within(AT_ONCE_SECONDS, 'take a job', () => this.#post(job, last));
    if (!last) this.#willStop(options.signal);
    const { nextSequence } = this;
    const heard = await listen(vm, {
      ...{ ...options, nextSequence },
      until: (event) => event.from === 'agent' && event.event === 'end',
      release: () => release(vm),
    });
    this.nextSequence = heard.nextSequence;
    return heard;
  }

  async #stand(): Promise<void> {
    if (!this.#stopped) return;
    await this.#stopped;
    this.#stopped = undefined;
    this.#jobs += 1;
    await this.vm.gdb.removeBreakpoint(stopAfter(this.#jobs));
  }

  async #post(job: string, last: boolean): Promise<void> {
    const { gdb, qmp } = this.vm;
    await postJob(gdb, this.mailbox, job);
    if (!last) return await gdb.setBreakpoint(stopAfter(this.#jobs + 1));
    // A connected debugger could stop the guest, and one that hangs up while it runs wakes QEMU's main loop at a time of
    // the host's: the answer to a later question shows that QEMU has taken it.
    await gdb[Symbol.asyncDispose]();
    await qmp.call('query-status');
  }

  #willStop(signal: AbortSignal): void {
    this.#stopped = this.vm.qmp.event(({ event }) => event === 'STOP', signal);
    // Handled before the next job, if there is one.
    this.#stopped.catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.vm[Symbol.asyncDispose]();
  }
}
