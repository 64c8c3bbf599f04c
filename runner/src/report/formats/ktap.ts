import type { CellResult, RunOutcome } from '../../lib/verdict.ts';
import { printable } from '../printable.ts';
import { byTarget, detailLines, type FormatOptions, isBad, messageOf, outcomeOf } from './outcome.ts';

/**
 * results.ktap: the kernel's own format of test results, version 1 (Documentation/dev-tools/ktap.rst). A test for each
 * target, in it one for each cell; why a cell failed stands in the lines before it.
 */
export function ktapText({ cells }: RunOutcome, options: FormatOptions): string {
  const targets = byTarget(cells);
  const lines = [
    ...head(targets.length),
    ...targets.flatMap(([target, own], index) => [
      ...indented([...head(own.length), ...own.flatMap((cell, at) => cellLines(cell, at + 1, options))]),
      result(
        own.some((cell) => isBad(outcomeOf(cell, options))),
        index + 1,
        target,
      ),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

const head = (tests: number): string[] => ['KTAP version 1', `1..${tests}`];

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

const result = (bad: boolean, number: number, name: string): string =>
  `${bad ? 'not ok' : 'ok'} ${number} ${printable(name)}`;

function cellLines(cell: CellResult, number: number, options: FormatOptions): string[] {
  const outcome = outcomeOf(cell, options);
  const bad = isBad(outcome);
  const line = `${result(bad, number, cell.scenario)}${directive(cell, outcome === 'skipped')}`;
  return [...(bad ? detailLines(cell, options).map(diagnostic) : []), ...cell.findings.map(diagnostic), line];
}

const diagnostic = (text: string): string => `# ${printable(text)}`;

/** What is said of a result beyond ok and not ok; only these words are known. */
function directive(cell: CellResult, skipped: boolean): string {
  if (skipped) return ` # SKIP ${printable(messageOf(cell))}`;
  if (cell.asExpected) return '';
  if (cell.verdict === 'hung') return ` # TIMEOUT ${printable(cell.reason ?? '')}`.trimEnd();
  if (cell.verdict === 'crashed' || cell.verdict === 'error') {
    return ` # ERROR ${printable(messageOf(cell))}`;
  }
  return '';
}
