import { upperBound } from '../lib/rate.ts';
import type { CellResult } from '../lib/verdict.ts';
import { printable } from './printable.ts';
import { type Paint, toneOf, UNEXPECTED_MARK, verdictText } from './style.ts';

/** The matrix: scenarios down, targets across, in as many blocks as the width asks for. */

const GAP = '  ';

export function matrixTable(cells: readonly CellResult[], columns: number, paint: Paint): string {
  const scenarios = [...new Set(cells.map(({ scenario }) => scenario))].sort();
  const targets = [...new Set(cells.map(targetOf))];
  const head = Math.max(0, ...scenarios.map((name) => name.length));
  const blocks = inBlocks(targets, cells, columns - head).map((block) =>
    blockText(block, scenarios, cells, head, paint),
  );
  const below = legend(cells, columns);
  return [...blocks, ...(below ? [paint('quiet', below)] : [])].join('\n\n');
}

const targetOf = ({ arch, kernel }: CellResult): string => `${arch}/${kernel}`;

/** `✔ held 42% <0.50`: verdict, share of control trials that breached, bound. */
export function squareText(cell: CellResult): string {
  const parts = [verdictText(cell)];
  const { control } = cell.lanes;
  if (control && control.trials > 0) parts.push(`${Math.round((100 * control.breaches) / control.trials)}%`);
  if (cell.breachRateBelow !== null) parts.push(`<${upperBound(cell.breachRateBelow)}`);
  return printable(parts.join(' '));
}

function widthOf(target: string, cells: readonly CellResult[]): number {
  const squares = cells
    .filter((cell) => targetOf(cell) === target)
    .map((cell) => [...squareText(cell)].length);
  return Math.max(target.length, ...squares);
}

interface Column {
  target: string;
  width: number;
}

function inBlocks(targets: readonly string[], cells: readonly CellResult[], room: number): Column[][] {
  const blocks: Column[][] = [];
  let left = 0;
  for (const target of targets) {
    const width = widthOf(target, cells);
    const block = blocks.at(-1);
    left -= GAP.length + width;
    if (block && left >= 0) {
      block.push({ target, width });
    } else {
      blocks.push([{ target, width }]);
      left = room - GAP.length - width;
    }
  }
  return blocks;
}

function blockText(
  block: readonly Column[],
  scenarios: readonly string[],
  cells: readonly CellResult[],
  head: number,
  paint: Paint,
): string {
  const title = block.map(({ target, width }) => paint('strong', target) + ' '.repeat(width - target.length));
  const rows = scenarios.map((scenario) => {
    const squares = block.map(({ target, width }) => {
      const cell = cells.find((one) => one.scenario === scenario && targetOf(one) === target);
      if (!cell) return ' '.repeat(width);
      const text = squareText(cell);
      return paint(toneOf(cell), text) + ' '.repeat(width - [...text].length);
    });
    return [scenario.padEnd(head), ...squares];
  });
  return [[' '.repeat(head), ...title], ...rows].map((row) => row.join(GAP).trimEnd()).join('\n');
}

function legend(cells: readonly CellResult[], columns: number): string {
  const parts: string[] = [];
  if (cells.some(({ lanes }) => lanes.control)) parts.push('n%: control trials that breached');
  if (cells.some(({ breachRateBelow }) => breachRateBelow !== null)) {
    parts.push('<p: bound on the chance that a schedule breaches (95 %)');
  }
  if (cells.some(({ asExpected }) => !asExpected)) parts.push(`${UNEXPECTED_MARK}: not as expected`);
  const line = parts.join(' · ');
  return line.length <= columns ? line : parts.join('\n');
}
