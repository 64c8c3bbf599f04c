import type { Lane } from './ids.ts';
import type { CellResult } from './verdict.ts';

/** `running` says, in its detail, how far a long step is. */
export type StepState = 'started' | 'running' | 'done' | 'failed';

/** What a run tells the one who watches; provision, guest and run emit it, report renders it. */
export type Progress =
  | { kind: 'planned'; runId: string; cells: readonly string[]; targets: readonly string[] }
  | { kind: 'provision'; target: string; step: string; state: StepState; detail?: string }
  | { kind: 'cell-started'; cell: string }
  | { kind: 'schedule-done'; cell: string; lane: Lane; done: number; total: number }
  | { kind: 'cell-done'; result: CellResult }
  | { kind: 'note'; text: string };

export type OnProgress = (progress: Progress) => void;
