import type { CellResult, RunOutcome, Verdict } from '../lib/verdict.ts';
import { escapeChar } from './printable.ts';
import { consolePath, type RerunContext, rerunCommand } from './rerun.ts';

/**
 * JUnit's four outcomes, such that a reader's green and red agree with the exit status: as expected passes (or is
 * skipped, when there was nothing to run), unavailable is skipped unless the run is strict, the guest's and the
 * lab's own failures are errors, and every other surprise is a failure.
 */
type Outcome = 'passed' | 'skipped' | 'failure' | 'error';

const NOTHING_RAN: readonly Verdict[] = ['unsupported', 'unavailable'];
const BROKE_DOWN: readonly Verdict[] = ['crashed', 'hung', 'error'];

export interface JunitOptions extends RerunContext {
  strict: boolean;
}

export function junitText({ run, cells }: RunOutcome, options: JunitOptions): string {
  const targets = [...new Set(cells.map(targetOf))];
  const suites = targets.map((target) =>
    suite(
      target,
      cells.filter((cell) => targetOf(cell) === target),
      options,
    ),
  );
  const attributes = {
    name: `photofinish ${run.id}`,
    ...totals(cells, options),
    time: run.seconds.toFixed(3),
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', attributes, suites)}\n`;
}

const targetOf = ({ arch, kernel }: CellResult): string => `${arch}/${kernel}`;

function suite(target: string, cells: readonly CellResult[], options: JunitOptions): string {
  const time = cells.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3);
  const attributes = { name: target, ...totals(cells, options), time };
  return element('testsuite', attributes, [
    ...properties(cells),
    ...cells.map((cell) => testcase(cell, options)),
  ]);
}

/** Where the target's kernel came from, for whoever compares two runs. */
function properties(cells: readonly CellResult[]): string[] {
  const sources = [...new Set(cells.flatMap(({ kernelSource }) => kernelSource ?? []))];
  const each = sources.map((value) => element('property', { name: 'kernel', value }, []));
  return each.length > 0 ? [element('properties', {}, each)] : [];
}

function totals(cells: readonly CellResult[], options: JunitOptions): Record<string, string> {
  const count = (wanted: Outcome): string =>
    String(cells.filter((cell) => outcomeOf(cell, options) === wanted).length);
  return {
    tests: String(cells.length),
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
  };
}

export function outcomeOf({ verdict, asExpected }: CellResult, { strict }: { strict: boolean }): Outcome {
  if (verdict === 'unavailable') return strict && !asExpected ? 'failure' : 'skipped';
  if (asExpected) return NOTHING_RAN.includes(verdict) ? 'skipped' : 'passed';
  return BROKE_DOWN.includes(verdict) ? 'error' : 'failure';
}

function testcase(cell: CellResult, options: JunitOptions): string {
  const attributes = { name: cell.scenario, classname: targetOf(cell), time: cell.seconds.toFixed(3) };
  const outcome = outcomeOf(cell, options);
  const message = `${cell.verdict}${cell.reason ? `: ${cell.reason}` : ''}`;
  const inside: string[] = [];
  if (outcome === 'skipped') inside.push(element('skipped', { message }, []));
  if (outcome === 'failure' || outcome === 'error') {
    inside.push(element(outcome, { message, type: cell.verdict }, [xmlText(details(cell, options))]));
  }
  if (cell.findings.length > 0) inside.push(element('system-out', {}, [xmlText(cell.findings.join('\n'))]));
  return element('testcase', attributes, inside);
}

function details(cell: CellResult, options: JunitOptions): string {
  const console = consolePath(cell, options);
  return [
    `expected ${cell.expected}, got ${cell.verdict}`,
    ...(cell.reason ? [cell.reason] : []),
    `run only this cell again: ${rerunCommand(cell, options)}`,
    ...(console ? [`console: ${console}`] : []),
  ].join('\n');
}

function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  inside: readonly string[],
): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${xmlAttribute(value)}"`);
  const open = `<${name}${written.join('')}`;
  return inside.length > 0 ? `${open}>${inside.join('\n')}</${name}>` : `${open}/>`;
}

/** XML 1.0 has no way to write most controls, lone surrogates and two more: they become visible escapes. */
function xmlText(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, escapeChar)
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** Parsers turn line ends in attributes into spaces; as references they stay. */
const xmlAttribute = (text: string): string =>
  xmlText(text).replace(/[\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`);
