/**
 * The Wilcoxon–Mann–Whitney test: how likely two samples of one source are to differ in rank by as much as these or more, in
 * either direction. It asks nothing of how values are spread, and takes ties. Exact up to `MOST_EXACT` values, with the
 * usual normal approximation (corrected for ties and for continuity) beyond. 1 where there is nothing to tell.
 */
export function rankTest(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return 1;
  const ranks = doubledRanks([...a, ...b]);
  const sum = total(ranks.slice(0, a.length));
  return ranks.length <= MOST_EXACT ? exact(ranks, a.length, sum) : approximate(ranks, a.length, sum);
}

const MOST_EXACT = 80;

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Twice the mid-ranks, which are whole numbers, in the order of the values. */
function doubledRanks(values: readonly number[]): number[] {
  const below = (value: number): number => values.filter((other) => other < value).length;
  const equal = (value: number): number => values.filter((other) => other === value).length;
  return values.map((value) => 2 * below(value) + equal(value) + 1);
}

/** By counting, of all ways to choose as many of the ranks, those whose sum is as far from the middle. */
function exact(ranks: readonly number[], size: number, observed: number): number {
  const most = total(ranks);
  // ways[n][s]: in how many ways n of the ranks looked at so far have the sum s.
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(most + 1));
  const [none] = ways;
  if (none) none[0] = 1;
  for (const rank of ranks) {
    for (let n = size; n > 0; n--) {
      const [to, from] = [ways[n], ways[n - 1]];
      if (!to || !from) continue;
      for (let sum = most; sum >= rank; sum--) to[sum] = (to[sum] ?? 0) + (from[sum - rank] ?? 0);
    }
  }
  const chosen = ways[size] ?? new Float64Array();
  const middle = (size * most) / ranks.length;
  const far = Math.abs(observed - middle);
  const isAsFar = (sum: number): boolean => Math.abs(sum - middle) >= far - 1e-9;
  const asFar = chosen.reduce((sum, count, at) => (isAsFar(at) ? sum + count : sum), 0);
  return asFar / total([...chosen]);
}

function approximate(ranks: readonly number[], size: number, observed: number): number {
  const count = ranks.length;
  const mean = total(ranks) / count;
  const spread = total(ranks.map((rank) => (rank - mean) ** 2)) / (count - 1);
  const deviation = Math.sqrt((size * (count - size) * spread) / count);
  if (deviation === 0) return 1;
  // A doubled rank sum moves in steps of one; half a step is what is lost by taking it for continuous.
  const far = Math.max(0, Math.abs(observed - size * mean) - 0.5) / deviation;
  return Math.min(1, 2 * upperTail(far));
}

/** Of the standard normal distribution beyond z ≥ 0: Abramowitz and Stegun 26.2.17, to within 7.5e-8. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

/**
 * Which of many tests to believe so that at most this share of those believed are expected to be chance: the procedure of
 * Benjamini and Hochberg (1995), in the order of the tests.
 */
export function believed(probabilities: readonly number[], falseShare: number): boolean[] {
  const sorted = [...probabilities].sort((a, b) => a - b);
  const limit = sorted.filter((p, at) => p <= (falseShare * (at + 1)) / sorted.length).at(-1);
  return probabilities.map((p) => limit !== undefined && p <= limit);
}
