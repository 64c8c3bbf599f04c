import type { PageTrend } from '../page/page-data.ts';
import { printable } from '../printable.ts';

/** How the runs of a history came out, for a terminal: a line each, then what is worth a look. */
export function trendLines({ runs, cells, flaky }: PageTrend): string[] {
  const rows = runs.map(({ id, seconds, seed, profile, cells: count, asExpected }) => [
    printable(id),
    `${asExpected} of ${count} as expected`,
    `${seconds.toFixed(0)} s`,
    `seed ${seed}, ${printable(profile)}`,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => (row[column] ?? '').length)));
  const flips = cells.filter(({ verdicts }) => new Set(verdicts.filter((one) => one !== null)).size > 1);
  return [
    ...rows.map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
    ...flips.map(({ id, verdicts }) => `${printable(id)}: ${shortened(verdicts.map((one) => one ?? '–'))}`),
    ...flaky.map(({ cell, evidence }) => `flaky: ${printable(cell)}: ${printable(evidence)}`),
    `${runs.length} runs, ${flips.length} cells were not always the same, ${flaky.length} gave two answers to one question`,
  ];
}

/** `held × 3, breached, held × 2` */
function shortened(words: readonly string[]): string {
  const groups: { word: string; count: number }[] = [];
  for (const word of words) {
    const last = groups.at(-1);
    if (last?.word === word) last.count += 1;
    else groups.push({ word, count: 1 });
  }
  return groups.map(({ word, count }) => (count > 1 ? `${word} × ${count}` : word)).join(', ');
}
