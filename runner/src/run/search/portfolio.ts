import type { Draw } from '../../lib/draw.ts';
import { type Rate, rateOf } from '../../lib/rate.ts';
import type { Strategy } from './strategies.ts';

export interface StrategyRow extends Rate {
  strategy: string;
}

/** Shares schedules between strategies by what they have come to so far; none is ever left without any. */
export class Portfolio {
  readonly #tallies: { strategy: Strategy; schedules: number; breached: number }[];
  readonly #draw: Draw;

  constructor(strategies: readonly Strategy[], draw: Draw) {
    this.#tallies = strategies.map((strategy) => ({ strategy, schedules: 0, breached: 0 }));
    this.#draw = draw;
  }

  /** As likely as its yield; one that was tried less may still be better than it looks. */
  choose(): Strategy {
    const weights = this.#tallies.map((tally) => (tally.breached + 1) / (tally.schedules + 2));
    let left = this.#draw.unit() * weights.reduce((sum, weight) => sum + weight, 0);
    const at = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    const chosen = this.#tallies[at] ?? this.#tallies[0];
    if (!chosen) throw new Error('a portfolio without strategies');
    return chosen.strategy;
  }

  report(strategy: Strategy, breached: boolean): void {
    const tally = this.#tallies.find((one) => one.strategy === strategy);
    if (!tally) throw new Error(`${strategy.name} is not in the portfolio`);
    tally.schedules += 1;
    if (breached) tally.breached += 1;
  }

  rows(): StrategyRow[] {
    return this.#tallies.map(({ strategy, schedules, breached }) => ({
      strategy: strategy.name,
      ...rateOf(breached, schedules),
    }));
  }
}
