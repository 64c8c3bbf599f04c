import { upperBound } from '../../lib/rate.ts';
import { type CellResult, type RunOutcome, racedNothing } from '../../lib/verdict.ts';
import { cutTo, printable } from '../printable.ts';
import { totalLine } from '../summary.ts';
import { byTarget, detailLines, type FormatOptions, isBad, outcomeOf } from './outcome.ts';

/** What GitHub takes of one step (GITHUB_STEP_SUMMARY in its documentation of workflow commands), less room for others. */
const ROOM_BYTES = 1024 * 1024 - 64 * 1024;
/** Of that, for what nobody expected; the rest is for all else. */
const ROOM_FOR_BAD = (ROOM_BYTES * 3) / 4;
/** Of one reason or finding, in characters. */
const LONGEST = 1000;
const MOST_FINDINGS = 5;

/**
 * summary.md: a run for whoever opens the job's page on GitHub. What nobody expected stands open, with what to type
 * next; all else is folded, a block for each target. What there is no room for is counted.
 */
export function jobSummaryText({ run, cells }: RunOutcome, options: FormatOptions): string {
  const bad = cells.filter((cell) => isBad(outcomeOf(cell, options)));
  const mark = bad.length > 0 ? '✘' : racedNothing(cells) ? '○' : '✔';
  const about = `${run.seconds.toFixed(0)} s, seed ${run.seed}, QEMU ${run.host.qemu}`;
  const targets = byTarget(cells).map(([target, own]) => targetBlock(target, own, options));
  const blocks = [
    `## ${mark} photofinish\n\n${literal(totalLine(cells))}  \n${literal(about)}`,
    ...fitting(
      bad.map((cell) => badBlock(cell, options)),
      ROOM_FOR_BAD,
      'more that nobody expected',
    ),
    ...fitting(targets, ROOM_BYTES - ROOM_FOR_BAD, 'more targets'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** As many as there is room for, and how many are left. */
function fitting(blocks: readonly string[], bytes: number, left: string): string[] {
  let used = 0;
  const shown = blocks.filter((block) => {
    used += Buffer.byteLength(block) + 2;
    return used <= bytes;
  });
  const more = blocks.length - shown.length;
  return more > 0 ? [...shown, `${more} ${left} are in \`results.json\`.`] : shown;
}

function badBlock(cell: CellResult, options: FormatOptions): string {
  const findings = cell.findings.slice(0, MOST_FINDINGS);
  const lines = [...detailLines(cell, options), ...findings].map((line) => cutTo(printable(line), LONGEST));
  return `### ✘ ${literal(cell.id)}\n\n${fenced(lines)}`;
}

function targetBlock(target: string, cells: readonly CellResult[], options: FormatOptions): string {
  const rows = cells.map((cell) => {
    const bound = cell.breachRateBelow === null ? '' : `below ${upperBound(cell.breachRateBelow)}`;
    const verdict = isBad(outcomeOf(cell, options)) ? `**${cell.verdict}**` : cell.verdict;
    return `| ${literal(cell.scenario)} | ${verdict} | ${bound} |`;
  });
  const head = `<details><summary>${literal(target)}: ${literal(totalLine(cells))}</summary>`;
  const table = ['| scenario | verdict | a schedule breaches |', '| --- | --- | --- |', ...rows];
  return [head, '', ...table, '', '</details>'].join('\n');
}

/** Text that is neither Markdown nor HTML, in one line. */
const literal = (text: string): string =>
  cutTo(printable(text), LONGEST).replace(/[\\`*_{}[\]<>()#+!|&~$@:]/g, (char) => `&#${char.charCodeAt(0)};`);

/** Lines as they are: the fence is longer than any run of its sign in them. */
function fenced(lines: readonly string[]): string {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []).map(({ length }) => length);
  const fence = '`'.repeat(Math.max(2, ...runs) + 1);
  return [`${fence}text`, ...lines, fence].join('\n');
}
