import type { Draw } from '../../lib/draw.ts';
import { FLAW_KINDS, type Flaw, type FlawCount } from '../../lib/flaw.ts';
import { type Rate, rateOf } from '../../lib/rate.ts';
import type { Weighed } from '../../lib/verdict.ts';
import type { Strategy } from './strategies.ts';

export interface StrategyRow extends Rate {
  strategy: string;
}

interface Tally {
  strategy: Strategy;
  /** All of them, and those that are evidence. */
  tried: number;
  schedules: number;
  breached: number;
}

/** Shares schedules between strategies by what they have come to so far; none is ever left without any. */
export class Portfolio {
  readonly #tallies: Tally[];
  readonly #ahead: Tally[];
  readonly #flawed = new Map<Flaw['kind'], FlawCount>();
  readonly #draw: Draw;

  /** `ahead` is told with the others, and never chosen. */
  constructor(strategies: readonly Strategy[], draw: Draw, ahead: readonly Strategy[] = []) {
    const empty = (strategy: Strategy): Tally => ({ strategy, tried: 0, schedules: 0, breached: 0 });
    this.#tallies = strategies.map(empty);
    this.#ahead = ahead.map(empty);
    this.#draw = draw;
  }

  get #all(): Tally[] {
    return [...this.#ahead, ...this.#tallies];
  }

  /** As likely as its yield; one that was tried less may still be better than it looks. */
  choose(): Strategy {
    const weights = this.#tallies.map((tally) => (tally.breached + 1) / (tally.tried + 2));
    let left = this.#draw.unit() * weights.reduce((sum, weight) => sum + weight, 0);
    const at = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    const chosen = this.#tallies[at] ?? this.#tallies[0];
    if (!chosen) throw new Error('a portfolio without strategies');
    return chosen.strategy;
  }

  report(strategy: Strategy, weighed: Weighed): void {
    const tally = this.#all.find((one) => one.strategy === strategy);
    if (!tally) throw new Error(`${strategy.name} is not in the portfolio`);
    // Whoever brings its guests down is not to be tried all the more for it.
    tally.tried += 1;
    if (weighed.kind === 'flawed') this.#note(weighed.flaw);
    else tally.schedules += 1;
    if (weighed.kind === 'breached') tally.breached += 1;
  }

  #note({ kind, text }: Flaw): void {
    const known = this.#flawed.get(kind) ?? { kind, count: 0, detail: text };
    this.#flawed.set(kind, { ...known, count: known.count + 1 });
  }

  /** Those that are evidence. */
  get schedules(): number {
    return this.#all.reduce((sum, { schedules }) => sum + schedules, 0);
  }

  /** The others, the worst first. */
  get flawed(): FlawCount[] {
    return FLAW_KINDS.flatMap((kind) => this.#flawed.get(kind) ?? []);
  }

  rows(): StrategyRow[] {
    return this.#all.map(({ strategy, schedules, breached }) => ({
      strategy: strategy.name,
      ...rateOf(breached, schedules),
    }));
  }
}
