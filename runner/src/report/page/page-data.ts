import type { Lane } from '../../lib/ids.ts';
import type { Verdict } from '../../lib/verdict.ts';
import type { TimelineRow } from '../timeline/excerpt-file.ts';

/**
 * What report.html holds, as JSON in its element `data`: the page (reports/page) reads this and nothing else. Types alone: the
 * page takes no code from here. All strings may come from a guest: they are text, never markup.
 */
export interface PageData {
  run: PageRun;
  /** By id; a scenario that nothing is known of any more is missing. */
  scenarios: Readonly<Record<string, PageScenario>>;
  cells: readonly PageCell[];
  /** What a reader has to know of this page: what was damaged, what there was no room for. */
  notes: readonly string[];
  /** Null where nobody keeps a history. */
  trend: PageTrend | null;
}

export interface PageRun {
  id: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** Wall; null for a run that did not come to its end. */
  seconds: number | null;
  /** What was typed. */
  command: string;
  /** 64 bits, decimal. */
  seed: string;
  profile: string;
  qemu: string | null;
  cores: number | null;
}

export interface PageScenario {
  /** One sentence that can be false. */
  claim: string;
}

export interface PageCell {
  /** `scenario@arch/kernel`, and `+backend` where that was forced. */
  id: string;
  scenario: string;
  /** `arch/kernel`, and `+backend` where that was forced: the column it stands in. */
  column: string;
  /** Release and where it came from; null when nothing was booted. */
  kernel: string | null;
  backend: string | null;
  mode: 'sealed' | 'live';
  verdict: Verdict;
  expected: Verdict;
  asExpected: boolean;
  /** Why, in one sentence; null only for a plain `held`. */
  reason: string | null;
  seconds: number;
  /** A schedule breaches with a probability below this, at 95 %; null where nothing bounds it. */
  breachRateBelow: number | null;
  lanes: Readonly<Partial<Record<Lane, PageLane>>>;
  findings: readonly string[];
  /** How surely its breaches come back, a sentence each. */
  certificates: readonly string[];
  /** What to type to run only this cell again; null where the lab did not run it. */
  rerun: string | null;
  capsules: readonly PageCapsule[];
  console: PageConsole | null;
  timelines: readonly PageTimeline[];
}

export interface PageLane {
  schedules: number;
  trials: number;
  /** Trials in which the line was crossed; of the honest lane those that were refused or broken. */
  crossed: number;
  /** The same of each schedule, in the order of their seeds; empty for the honest lane. */
  counts: readonly number[];
}

export interface PageCapsule {
  /** Relative to the page. */
  file: string;
  lane: string;
  /** What to type to see it again. */
  replay: string;
  /** A trace for Perfetto, relative to the page; null where there is none. */
  trace: string | null;
}

export interface PageConsole {
  /** Relative to the page. */
  file: string;
  /** Its last lines; null where there was no room for them, or nobody needs them. */
  tail: string | null;
}

/** What happened around a breach, beside a schedule of the same lane that passed, where there was one. */
export interface PageTimeline {
  lane: string;
  seed: string;
  shape: string;
  /** Seed of the one that passed. */
  beside: string | null;
  rows: readonly TimelineRow[];
}

export interface PageTrend {
  /** Oldest first; the last one is the page's own. */
  runs: readonly TrendRun[];
  /** Wall seconds of each target's cells, by run; null where it had none. */
  targets: readonly { target: string; seconds: readonly (number | null)[] }[];
  /** Cells whose verdict was not always the same, or whose control lane's rate moved; by run, null where the run had not the cell. */
  cells: readonly TrendCell[];
  /** From the run before to this one; null where there is none before. */
  changes: TrendChanges | null;
  /** Cells that gave two answers to one question. */
  flaky: readonly { cell: string; evidence: string }[];
}

export interface TrendRun {
  id: string;
  startedAt: string;
  seconds: number;
  seed: string;
  profile: string;
  qemu: string;
  counts: Readonly<Partial<Record<Verdict, number>>>;
  cells: number;
  asExpected: number;
}

export interface TrendCell {
  id: string;
  verdicts: readonly (Verdict | null)[];
  /** Share of the control lane's trials that breached. */
  control: readonly (number | null)[];
}

export interface TrendChanges {
  /** The run before. */
  before: string;
  flipped: readonly {
    cell: string;
    from: Verdict;
    to: Verdict;
    asExpected: boolean;
    reason: string | null;
  }[];
  /** Lanes that are breached more or less often than chance explains: shares of trials. */
  moved: readonly { cell: string; lane: Lane; from: number; to: number; p: number }[];
  gone: readonly string[];
  added: readonly string[];
  /** Which test at which level, in a sentence. */
  test: string;
}
