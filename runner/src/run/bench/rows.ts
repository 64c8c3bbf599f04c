/** What every benchmark comes to: pairs of figures, each from an odd number of rounds whose turns alternated. */

export interface BenchRow {
  what: string;
  unit: string;
  /** Medians. */
  ours: number;
  peer: string;
  theirs: number;
  /** ours / theirs; null where a busy machine's noise is larger than what was to be measured. */
  ratio: number | null;
  rounds: number;
  /** The first and the third quartile of the rounds. */
  spread: { ours: Range; theirs: Range };
}

export type Range = readonly [number, number];

export interface Bench {
  bench: string;
  rows: BenchRow[];
}

type Naming = Pick<BenchRow, 'what' | 'unit' | 'peer'>;

export function rowOf(naming: Naming, ours: readonly number[], theirs: readonly number[]): BenchRow {
  const [own, other] = [quantile(ours, 0.5), quantile(theirs, 0.5)];
  return {
    ...naming,
    ...{ ours: own, theirs: other, ratio: own > 0 && other > 0 ? own / other : null },
    rounds: Math.min(ours.length, theirs.length),
    spread: { ours: quartiles(ours), theirs: quartiles(theirs) },
  };
}

const quartiles = (values: readonly number[]): Range => [quantile(values, 0.25), quantile(values, 0.75)];

/** The value that a part of them does not exceed; one of those that were measured, not a mean of two. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * part)] ?? Number.NaN;
}

/** What each of the calls added to the bare work, round by round: neighbours in time are compared with each other. */
export function costs(under: readonly number[], bare: readonly number[], count: number): number[] {
  return under.map((time, round) => (time - (bare[round] ?? Number.NaN)) / count);
}
