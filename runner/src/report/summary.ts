import { type CellResult, type RunOutcome, racedNothing, VERDICTS } from '../lib/verdict.ts';
import { printable, printableLines } from './printable.ts';
import { consolePath, type RerunContext, rerunCommand } from './rerun.ts';
import { summaryOf } from './results.ts';
import { type Paint, painter, toneOf, verdictText } from './style.ts';
import { matrixTable } from './table.ts';

export interface SummaryOptions extends RerunContext {
  columns: number;
  color: boolean;
}

const MOST_FINDINGS = 5;

/** What stands at the end of a run: the matrix, then for each surprise why and what to type next, then one line. */
export function summaryText({ run, cells }: RunOutcome, options: SummaryOptions): string {
  const paint = painter(options.color);
  const surprises = cells.filter(({ asExpected }) => !asExpected);
  const sections = [
    matrixTable(cells, options.columns, paint),
    ...surprises
      .filter(({ verdict }) => verdict !== 'unavailable')
      .map((cell) => surpriseText(cell, options, paint)),
    ...unavailableSections(surprises, paint),
    ...findingSections(cells, paint),
    ...localSources(cells),
    [
      totalLine(cells),
      `${run.seconds.toFixed(1)} s, seed ${run.seed}, qemu ${printable(run.host.qemu)}`,
      `reports in ${printable(options.outDir)}`,
    ].join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** A target that cannot be had takes all its cells along, and its reason may be that of others: it is said once. */
function unavailableSections(surprises: readonly CellResult[], paint: Paint): string[] {
  const groups = new Map<string, CellResult[]>();
  for (const cell of surprises) {
    if (cell.verdict !== 'unavailable') continue;
    const reason = cell.reason ?? '';
    groups.set(reason, [...(groups.get(reason) ?? []), cell]);
  }
  return [...groups].map(([reason, cells]) => {
    const [first] = cells;
    const targets = [...new Set(cells.map(({ arch, kernel }) => `${arch}/${kernel}`))].join(', ');
    const count = `${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}`;
    const title = first ? paint(toneOf(first), verdictText(first)) : '';
    return [`${title} ${count} on ${printable(targets)}`, ...reasonLines(reason)].join('\n');
  });
}

/** A compiler's words have lines of their own. */
const reasonLines = (reason: string): string[] =>
  printableLines(reason)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `  ${line}`);

function surpriseText(cell: CellResult, options: SummaryOptions, paint: Paint): string {
  const console = consolePath(cell, options);
  const rerun = rerunCommand(cell, options);
  const lines = [
    `${paint(toneOf(cell), verdictText(cell))} ${printable(cell.id)} (expected ${cell.expected})`,
    ...reasonLines(cell.reason ?? ''),
    ...(rerun ? [`  again:   ${printable(rerun)}`] : []),
    ...(console ? [`  console: ${printable(console)}`] : []),
    ...cell.capsules.map((capsule) => `  capsule: ${printable(`${options.outDir}/${capsule}`)}`),
  ];
  return lines.join('\n');
}

/** A kernel that nobody else has is said, so that nobody takes the result for that of a release. */
function localSources(cells: readonly CellResult[]): string[] {
  const isLocal = ({ kernelSource }: CellResult): boolean => kernelSource?.startsWith('local ') === true;
  const lines = cells
    .filter(isLocal)
    .map(({ arch, kernel, kernelSource }) => `${arch}/${kernel}: ${printable(kernelSource ?? '')}`);
  return lines.length > 0 ? [[...new Set(lines)].join('\n')] : [];
}

function findingSections(cells: readonly CellResult[], paint: Paint): string[] {
  return cells
    .filter(({ findings }) => findings.length > 0)
    .map(({ id, findings }) => {
      const shown = findings.slice(0, MOST_FINDINGS).map((finding) => `  ${printable(finding)}`);
      const left = findings.length - shown.length;
      const more = left > 0 ? [`  … and ${left} more in results.json`] : [];
      return [`${paint('strong', 'findings')} ${printable(id)}`, ...shown, ...more].join('\n');
    });
}

export function totalLine(cells: readonly CellResult[]): string {
  const summary = summaryOf(cells);
  const counts = VERDICTS.filter((verdict) => summary[verdict] > 0).map(
    (verdict) => `${summary[verdict]} ${verdict}`,
  );
  const expected = cells.filter(({ asExpected }) => asExpected).length;
  const nothing = racedNothing(cells) ? '; nothing was raced' : '';
  return `${counts.join(', ') || 'no cells'}; ${expected} of ${cells.length} as expected${nothing}`;
}
