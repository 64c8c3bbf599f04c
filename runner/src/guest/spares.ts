import type { Vm } from './vm.ts';

/**
 * QEMUs that were started ahead and wait for a checkpoint, so that a fork costs its restore alone. They are started
 * when a fork has had its first event, not while it is on its way there.
 */
export class Spares implements AsyncDisposable {
  readonly #start: () => Promise<Vm>;
  readonly #most: number;
  #waiting: Promise<Vm | undefined>[] = [];
  #closed = false;

  constructor(start: () => Promise<Vm>, most: number) {
    this.#start = start;
    this.#most = most;
  }

  /** A QEMU that waits; the caller owns it from here on. */
  async take(): Promise<Vm> {
    const spare = await this.#waiting.shift();
    if (spare && !spare.ended) return spare;
    await spare?.[Symbol.asyncDispose]();
    return this.#start();
  }

  /** Starts all that may wait, and resolves when they do. */
  async fill(): Promise<void> {
    while (!this.#closed && this.#waiting.length < this.#most) this.refill();
    await Promise.all(this.#waiting);
  }

  refill(): void {
    if (this.#closed || this.#waiting.length >= this.#most) return;
    // What kept it from starting will keep the next one too, and that one has somebody to tell.
    this.#waiting.push(this.#start().catch(() => undefined));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const waiting = await Promise.all(this.#waiting.splice(0));
    await Promise.all(waiting.map((vm) => vm?.[Symbol.asyncDispose]()));
  }
}
