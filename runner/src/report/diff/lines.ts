import { printable } from '../printable.ts';
import { painter, toneOf, verdictText } from '../style.ts';
import { FALSE_SHARE, type Move, type RunDiff, type TargetDiff } from './diff.ts';

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** What changed from one run to another, for a person: what nobody expects first. */
export function diffLines(diff: RunDiff, color: boolean): string[] {
  const { before, after, flipped, gone, added, moved } = diff;
  const paint = painter(color);
  const run = ({ id, seed, host }: RunDiff['before']): string =>
    printable(`${id} (seed ${seed}, QEMU ${host.qemu})`);
  const flips = flipped
    .toSorted((a, b) => Number(a.after.asExpected) - Number(b.after.asExpected))
    .flatMap((pair) => [
      `${paint(toneOf(pair.after), verdictText(pair.after))} ${printable(pair.after.id)} was ${pair.before.verdict}`,
      ...(pair.after.reason ? [`  ${printable(pair.after.reason)}`] : []),
    ]);
  return [
    `from ${run(before)}`,
    `to   ${run(after)}`,
    '',
    ...flips,
    ...listed('only before', gone),
    ...listed('only after', added),
    ...moved.map(moveLine),
    ...diff.targets.flatMap(sourceLines),
    `${flipped.length} of ${flipped.length + unchanged(diff)} verdicts changed, ${moved.length} breach rates moved`,
    `rates: ${comparisonText(diff)}`,
    `time:  ${diff.targets.map(timeText).join(', ') || 'no cell in both'}`,
  ];
}

const unchanged = ({ pairs, flipped }: RunDiff): number => pairs - flipped.length;

function listed(what: string, cells: readonly { id: string }[]): string[] {
  return cells.length > 0 ? [`${what}: ${cells.map(({ id }) => printable(id)).join(', ')}`] : [];
}

function moveLine({ cell, lane, before, after, p }: Move): string {
  const rate = ({ breaches, trials }: Move['before']): string =>
    `${percent(trials === 0 ? 0 : breaches / trials)} (${breaches} of ${trials})`;
  return `~ ${printable(cell)}, lane ${lane}: breached in ${rate(before)} of its trials, now ${rate(after)}, p ${p.toPrecision(2)}`;
}

function sourceLines({ target, kernelSource }: TargetDiff): string[] {
  if (!kernelSource) return [];
  return [
    `${target}: another kernel: was ${printable(kernelSource.before)}, is ${printable(kernelSource.after)}`,
  ];
}

/** Which test, at which level, and what it was not made of. */
function comparisonText({ compared, comparable, same }: RunDiff): string {
  const left = comparable - compared;
  const others = left > 0 ? `; ${left} lanes had other numbers of trials in a schedule` : '';
  return `breaches in each schedule of ${compared} lanes, Wilcoxon-Mann-Whitney, at most ${percent(FALSE_SHARE)} of those told by chance (Benjamini-Hochberg)${others}; ${same} lanes are the same to the bit`;
}

function timeText({ target, seconds: { before, after } }: TargetDiff): string {
  const ratio = before > 0 ? `, × ${(after / before).toFixed(2)}` : '';
  return `${target} ${before.toFixed(0)} s to ${after.toFixed(0)} s${ratio}`;
}
