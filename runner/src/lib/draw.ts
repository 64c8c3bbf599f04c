const MASK = (1n << 64n) - 1n;

/** Numbers drawn from a seed of 64 bits: splitmix64, as attacks and levers have it (native/hooks/levers.c). */
export class Draw {
  #state: bigint;

  constructor(seed: bigint) {
    this.#state = seed & MASK;
  }

  #next(): bigint {
    this.#state = (this.#state + 0x9e3779b97f4a7c15n) & MASK;
    let z = this.#state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
    return z ^ (z >> 31n);
  }

  /** 0 to 1, without 1. */
  unit(): number {
    return Number(this.#next() >> 11n) / 2 ** 53;
  }

  /** 0 to limit - 1. */
  below(limit: number): number {
    return Math.floor(this.unit() * limit);
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }

  /** A whole number between the two, each order of magnitude as likely as another. */
  between(least: number, most: number): number {
    return Math.round(Math.exp(Math.log(least) + this.unit() * (Math.log(most) - Math.log(least))));
  }
}
