import { type CellResult, SYMBOLS } from '../lib/verdict.ts';
import { cutTo, printable } from './printable.ts';
import { type Paint, toneOf } from './style.ts';

/** The matrix while it runs: a row for each target, a sign for each of its cells in the order of the plan. */

const PENDING = '·';
const RUNNING = '▸';
/** Of the names of targets, where it is narrow. */
const LONGEST_NAME = 24;

export interface LiveCells {
  /** In the plan's order; undefined until it is judged. */
  results: ReadonlyMap<string, CellResult | undefined>;
  running: ReadonlyMap<string, unknown>;
}

export function liveMatrix({ results, running }: LiveCells, columns: number, paint: Paint): string[] {
  const targets = new Map<string, string[]>();
  for (const id of results.keys()) {
    const target = id.slice(id.indexOf('@') + 1);
    targets.set(target, [...(targets.get(target) ?? []), id]);
  }
  const names = [...targets.keys()].map((name) => cutTo(printable(name), LONGEST_NAME));
  const width = Math.max(0, ...names.map((name) => [...name].length));
  return [...targets.values()].map((ids, at) => {
    const done = ids.filter((id) => results.get(id)).length;
    const count = ` ${done}/${ids.length}`;
    const room = Math.max(0, columns - width - 2 - count.length);
    const signs = ids.slice(0, room).map((id) => sign(results.get(id), running.has(id), paint));
    return `${(names[at] ?? '').padEnd(width)}  ${signs.join('')}${paint('quiet', count)}`;
  });
}

function sign(result: CellResult | undefined, isRunning: boolean, paint: Paint): string {
  if (result) return paint(toneOf(result), SYMBOLS[result.verdict]);
  return isRunning ? paint('strong', RUNNING) : paint('quiet', PENDING);
}
