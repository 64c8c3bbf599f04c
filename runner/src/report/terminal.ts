import { createLogUpdate } from 'log-update';
import type { OnProgress, Progress } from '../lib/progress.ts';
import type { RunOutcome } from '../lib/verdict.ts';
import { applyProgress, duration, frameLines, liveState } from './live.ts';
import { printable } from './printable.ts';
import type { RerunContext } from './rerun.ts';
import { type Paint, painter, toneOf, verdictText } from './style.ts';
import { summaryText } from './summary.ts';

export interface TerminalOptions {
  stream: NodeJS.WritableStream & { columns?: number; rows?: number };
  isTTY: boolean;
  /** Width in characters where the stream does not know its own. */
  columns: number;
  color: boolean;
  /** Milliseconds; only differences are used. */
  now?: () => number;
}

export interface Terminal extends Disposable {
  onProgress: OnProgress;
  /** Ends the live view and prints the matrix. */
  finish(outcome: RunOutcome, context: RerunContext): void;
  /** Ends the live view; safe to call twice. */
  [Symbol.dispose](): void;
}

/** Wide enough for a line of a log when nobody tells. */
const PLAIN_COLUMNS = 120;
const TICK_MS = 1000;
const WORTH_A_LINE_MS = 1000;
const RUNNING_MS = 60_000;
/** Below the live view a line stays free, or the screen scrolls at every draw. */
const DEFAULT_ROWS = 24;

export function createTerminal(options: TerminalOptions): Terminal {
  const paint = painter(options.color);
  const now = options.now ?? (() => performance.now());
  const view = options.isTTY ? liveView(options, paint, now) : plainView(options, paint, now);
  return {
    onProgress: view.onProgress,
    finish(outcome, context) {
      view.end();
      const columns = options.isTTY ? (options.stream.columns ?? options.columns) : PLAIN_COLUMNS;
      options.stream.write(`\n${summaryText(outcome, { ...context, columns, color: options.color })}`);
    },
    [Symbol.dispose]: view.end,
  };
}

interface View {
  onProgress: OnProgress;
  end(): void;
}

function liveView({ stream, columns }: TerminalOptions, paint: Paint, now: () => number): View {
  // A hidden cursor would stay hidden if we are killed, and is given back on standard error only.
  const log = createLogUpdate(stream as NodeJS.WriteStream, { defaultWidth: columns, showCursor: true });
  const state = liveState(now());
  let ended = false;
  const draw = (): void => {
    const room = { columns: stream.columns ?? columns, rows: (stream.rows ?? DEFAULT_ROWS) - 1 };
    log(frameLines(state, now(), room, paint).join('\n'));
  };
  // The clock of the last line moves on although nothing happens.
  const tick = setInterval(draw, TICK_MS);
  tick.unref();
  return {
    onProgress(progress) {
      if (ended) return;
      applyProgress(state, progress, now());
      // What is as expected has its sign in the matrix.
      const silent = progress.kind === 'cell-done' && progress.result.asExpected;
      if (!silent) for (const line of lastingLines(progress, paint)) log.persist(line);
      draw();
    },
    end() {
      if (ended) return;
      ended = true;
      clearInterval(tick);
      log.clear();
      log.done();
    },
  };
}

function plainView({ stream }: TerminalOptions, paint: Paint, now: () => number): View {
  const startedAt = now();
  const stepTime = stepTimes(now);
  const due = nowAndThen(now);
  return {
    onProgress(progress) {
      if (!due(progress)) return;
      for (const line of [...plainLines(progress, stepTime(progress)), ...lastingLines(progress, paint)]) {
        stream.write(`[${duration(now() - startedAt)}] ${line}\n`);
      }
    },
    end() {},
  };
}

/** What stays on the screen of either view. */
function lastingLines(progress: Progress, paint: Paint): string[] {
  switch (progress.kind) {
    case 'cell-done': {
      const { result } = progress;
      // Its target's failure was said, and takes all its cells along.
      if (result.verdict === 'unavailable') return [];
      const why = result.asExpected || result.reason === null ? '' : `: ${printable(result.reason)}`;
      const seconds = paint('quiet', `${result.seconds.toFixed(1)} s`);
      return [`${paint(toneOf(result), verdictText(result))} ${printable(result.id)}${why} ${seconds}`];
    }
    case 'provision':
      if (progress.state !== 'failed') return [];
      return [
        paint(
          'open',
          printable(`provision ${progress.target}: ${progress.step} failed: ${progress.detail ?? ''}`),
        ),
      ];
    case 'note':
      return [printable(progress.text)];
    default:
      return [];
  }
}

/** How long the step of provisioning took that just ended. */
function stepTimes(now: () => number): (progress: Progress) => number {
  const since = new Map<string, number>();
  return (progress) => {
    if (progress.kind !== 'provision') return 0;
    const key = JSON.stringify([progress.target, progress.step]);
    if (progress.state === 'started') since.set(key, now());
    return now() - (since.get(key) ?? now());
  };
}

/** A log need not know how far a step is more than once in a while. */
function nowAndThen(now: () => number): (progress: Progress) => boolean {
  const last = new Map<string, number>();
  return (progress) => {
    if (progress.kind !== 'provision') return true;
    const key = JSON.stringify([progress.target, progress.step]);
    const due =
      progress.state !== 'running' || now() - (last.get(key) ?? Number.NEGATIVE_INFINITY) >= RUNNING_MS;
    if (due) last.set(key, now());
    return due;
  };
}

const runningLine = ({ target, step, detail }: Extract<Progress, { kind: 'provision' }>): string[] => [
  printable(`provision ${target}: ${step}: ${detail ?? ''}`),
];

/** A log is read later: it says what is to be done and what took its time, not what was in the cache. */
function plainLines(progress: Progress, stepMs: number): string[] {
  switch (progress.kind) {
    case 'planned':
      return [
        printable(`run ${progress.runId}: ${progress.cells.length} cells on ${progress.targets.join(', ')}`),
      ];
    case 'provision':
      if (progress.state === 'running') return runningLine(progress);
      if (progress.state !== 'done' || stepMs < WORTH_A_LINE_MS) return [];
      return [printable(`provision ${progress.target}: ${progress.step} took ${duration(stepMs)}`)];
    default:
      return [];
  }
}
