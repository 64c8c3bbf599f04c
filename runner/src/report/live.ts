import type { Progress } from '../lib/progress.ts';
import type { CellResult } from '../lib/verdict.ts';
import { liveMatrix } from './live-matrix.ts';
import { cutTo, printable } from './printable.ts';
import type { Paint } from './style.ts';

/** The live view as a value: progress goes in, lines come out; the terminal only draws them. */
export interface LiveState {
  /** Cells of the plan, in its order, and what became of those that are done. */
  results: Map<string, CellResult | undefined>;
  /** Target to the steps it is in, and how far each is. */
  provisioning: Map<string, Map<string, string>>;
  /** Cell to what its lane has done. */
  running: Map<string, string>;
  startedAtMs: number;
  /** When the first cell began: provisioning says nothing about how long cells take. */
  cellsSinceMs: number | null;
}

export const liveState = (nowMs: number): LiveState => ({
  results: new Map(),
  provisioning: new Map(),
  running: new Map(),
  startedAtMs: nowMs,
  cellsSinceMs: null,
});

export function applyProgress(state: LiveState, progress: Progress, nowMs: number): void {
  switch (progress.kind) {
    case 'planned':
      for (const cell of progress.cells) state.results.set(cell, undefined);
      return;
    case 'provision':
      applyProvision(state, progress);
      return;
    case 'cell-started':
      state.cellsSinceMs ??= nowMs;
      state.running.set(progress.cell, '');
      return;
    case 'schedule-done':
      state.running.set(progress.cell, `${progress.lane} ${progress.done}/${progress.total}`);
      return;
    case 'cell-done':
      state.running.delete(progress.result.id);
      state.results.set(progress.result.id, progress.result);
      return;
    case 'note':
      return;
  }
}

function applyProvision(
  state: LiveState,
  { target, step, state: now, detail }: Extract<Progress, { kind: 'provision' }>,
): void {
  const steps = state.provisioning.get(target) ?? new Map<string, string>();
  if (now === 'running') steps.set(step, detail ?? '');
  else steps.delete(step);
  if (now === 'started') steps.set(step, '');
  if (steps.size > 0) state.provisioning.set(target, steps);
  else state.provisioning.delete(target);
}

const stepsText = (steps: ReadonlyMap<string, string>): string =>
  [...steps].map(([step, detail]) => (detail === '' ? step : `${step}: ${detail}`)).join(', ');

const WORD_WIDTH = 'provision'.length;

export interface Room {
  columns: number;
  rows: number;
}

/** Below the matrix, at least: what is under way, and how far all is. */
const ROWS_BELOW = 4;

export function frameLines(state: LiveState, nowMs: number, room: Room, paint: Paint): string[] {
  const matrix = liveMatrix(state, room.columns, paint);
  const above = matrix.length + ROWS_BELOW <= room.rows ? matrix : [];
  return [...above, ...workLines(state, nowMs, { ...room, rows: room.rows - above.length }, paint)];
}

function workLines(state: LiveState, nowMs: number, room: Room, paint: Paint): string[] {
  const provision = [...state.provisioning].map(([target, steps]) => ['provision', target, stepsText(steps)]);
  const running = [...state.running].map(([cell, lane]) => ['run', cell, lane]);
  const all = [...provision, ...running];
  // One row for the count, and one to say that there are more.
  const rows = all.length < room.rows ? all : all.slice(0, Math.max(0, room.rows - 2));
  const more = all.length > rows.length ? [`… and ${all.length - rows.length} more`] : [];
  const shown = rows.map((row) => row.map(printable));
  const widest = (texts: string[]): number => Math.max(0, ...texts.map((text) => text.length));
  // Where it is narrow, how far a cell is tells more than the end of its name.
  const what = Math.min(widest(shown.map(([, , text = '']) => text)), Math.floor(room.columns / 3));
  const names = shown.map(([, name = '']) => cutTo(name, room.columns - WORD_WIDTH - what - 4));
  const lines = shown.map(([word = '', , text = ''], i) => {
    const line = `${word.padEnd(WORD_WIDTH)}  ${(names[i] ?? '').padEnd(widest(names))}  ${text}`;
    return cutTo(line.trimEnd(), room.columns);
  });
  return [...lines, ...more, paint('quiet', cutTo(countLine(state, nowMs), room.columns))];
}

const doneOf = ({ results }: LiveState): number => [...results.values()].filter(Boolean).length;

function countLine(state: LiveState, nowMs: number): string {
  const parts = [`${doneOf(state)} of ${state.results.size} cells`, duration(nowMs - state.startedAtMs)];
  const left = millisecondsLeft(state, nowMs);
  if (left !== undefined) parts.push(`about ${duration(left)} left`);
  return parts.join(' · ');
}

/** From the pace so far; nothing before the first cell is done, since a guess then is worth nothing. */
export function millisecondsLeft(state: LiveState, nowMs: number): number | undefined {
  const { results, cellsSinceMs } = state;
  const done = doneOf(state);
  if (cellsSinceMs === null || done === 0 || done >= results.size) return undefined;
  return ((nowMs - cellsSinceMs) / done) * (results.size - done);
}

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const padded = (value: number): string => String(value).padStart(2, '0');
  if (minutes < 60) return `${minutes}:${padded(seconds % 60)} min`;
  return `${Math.floor(minutes / 60)}:${padded(minutes % 60)} h`;
}
