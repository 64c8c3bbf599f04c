import { type Rate, rateOf } from './rate.ts';

/** What came of running the very job of a breach again. */
export interface Repeats {
  /** The same to the bit. */
  same: number;
  /** Breached, in whatever way. */
  breached: number;
  of: number;
}

export const CERTAINTIES = ['deterministic', 'probabilistic', 'not-reproduced'] as const;
export type Certainty = (typeof CERTAINTIES)[number];

/** How surely a breach comes back. */
export interface Certificate extends Repeats, Pick<Rate, 'low' | 'high'> {
  certainty: Certainty;
  /** Of the schedule. */
  seed: string;
}

export function certaintyOf({ same, breached, of }: Repeats): Certainty {
  if (of > 0 && same === of) return 'deterministic';
  return breached > 0 ? 'probabilistic' : 'not-reproduced';
}

export function certificateOf(seed: string, repeats: Repeats): Certificate {
  const { low, high } = rateOf(repeats.breached, repeats.of);
  return { certainty: certaintyOf(repeats), seed, ...repeats, low, high };
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** One sentence without its end. */
export function repeatsText(repeats: Repeats): string {
  const { same, breached, of } = repeats;
  if (of === 0) return 'not repeated';
  const { low, high } = rateOf(breached, of);
  const range = `${percent(low)} to ${percent(high)}`;
  switch (certaintyOf(repeats)) {
    case 'deterministic':
      return `deterministic: ${same} of ${of} repeats are the same to the bit`;
    case 'probabilistic':
      return `probabilistic: ${breached} of ${of} repeats breached (${range}), ${same} the same to the bit`;
    case 'not-reproduced':
      return `not reproduced: none of ${of} repeats breached (${range})`;
  }
}
