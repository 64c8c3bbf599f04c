/** The QEMUs that are started ahead. */
export interface Ahead {
  most: number;
  /** The most that one may live; how long its job may take is watched besides. */
  lifeSeconds: number;
}

/** One that is not older is as good as a new one. */
const AS_NEW_SECONDS = 60;

/** As much of a QEMU as its waiting needs. */
export interface Startable extends AsyncDisposable {
  readonly ended: boolean;
}

/**
 * QEMUs that were started ahead and wait for a checkpoint, so that a fork costs its restore alone. They are started
 * when a fork has had its first event, not while it is on its way there.
 */
export class Spares<Vm extends Startable> implements AsyncDisposable {
  readonly #start: () => Promise<Vm>;
  readonly #ahead: Ahead;
  readonly #now: () => number;
  #waiting: { since: number; vm: Promise<Vm | undefined> }[] = [];
  #closed = false;

  constructor(start: () => Promise<Vm>, ahead: Ahead, now = () => performance.now()) {
    this.#start = start;
    this.#ahead = ahead;
    this.#now = now;
  }

  /**
   * A QEMU that waits and will live for so many seconds more, or a new one; the caller owns it from here on. Others may
   * have had the processors for most of an hour meanwhile.
   */
  async take(neededSeconds: number): Promise<Vm> {
    const { lifeSeconds } = this.#ahead;
    const enough = Math.min(neededSeconds, lifeSeconds - AS_NEW_SECONDS);
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const left = lifeSeconds - (this.#now() - next.since) / 1000;
      const spare = await next.vm;
      if (spare && !spare.ended && left >= enough) return spare;
      await spare?.[Symbol.asyncDispose]();
    }
    return this.#start();
  }

  /** Starts all that may wait, and resolves when they do. */
  async fill(): Promise<void> {
    while (!this.#closed && this.#waiting.length < this.#ahead.most) this.refill();
    await Promise.all(this.#waiting.map(({ vm }) => vm));
  }

  refill(): void {
    if (this.#closed || this.#waiting.length >= this.#ahead.most) return;
    // What kept it from starting will keep the next one too, and that one has somebody to tell.
    const vm = this.#start().catch(() => undefined);
    this.#waiting.push({ since: this.#now(), vm });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const waiting = await Promise.all(this.#waiting.splice(0).map(({ vm }) => vm));
    await Promise.all(waiting.map((vm) => vm?.[Symbol.asyncDispose]()));
  }
}
