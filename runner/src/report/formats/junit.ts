import type { CellResult, RunOutcome } from '../../lib/verdict.ts';
import { escapeChar } from '../../lib/visible.ts';
import {
  byTarget,
  detailLines,
  type FormatOptions,
  messageOf,
  type Outcome,
  outcomeOf,
  targetOf,
} from './outcome.ts';

/** junit.xml: a suite for each target, a case for each cell. */

export function junitText({ run, cells }: RunOutcome, options: FormatOptions): string {
  const suites = byTarget(cells).map(([target, own]) => suite(target, own, options));
  // Schemas of JUnit know those that were skipped of a suite and not of all of them.
  const { skipped: _, ...counts } = totals(cells, options);
  const attributes = { name: `photofinish ${run.id}`, ...counts, time: run.seconds.toFixed(3) };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', attributes, suites)}\n`;
}

function suite(target: string, cells: readonly CellResult[], options: FormatOptions): string {
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

function totals(cells: readonly CellResult[], options: FormatOptions) {
  const count = (wanted: Outcome): string =>
    String(cells.filter((cell) => outcomeOf(cell, options) === wanted).length);
  return {
    tests: String(cells.length),
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
  };
}

function testcase(cell: CellResult, options: FormatOptions): string {
  const attributes = { name: cell.scenario, classname: targetOf(cell), time: cell.seconds.toFixed(3) };
  const outcome = outcomeOf(cell, options);
  const message = messageOf(cell);
  const inside: string[] = [];
  if (outcome === 'skipped') inside.push(element('skipped', { message }, []));
  if (outcome === 'failure' || outcome === 'error') {
    inside.push(
      element(outcome, { message, type: cell.verdict }, [xmlText(detailLines(cell, options).join('\n'))]),
    );
  }
  if (cell.findings.length > 0) inside.push(element('system-out', {}, [xmlText(cell.findings.join('\n'))]));
  return element('testcase', attributes, inside);
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
