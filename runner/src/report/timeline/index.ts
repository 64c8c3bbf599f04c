import type { DrawTrace } from '../../lib/verdict.ts';
import { timelineOf } from './model.ts';
import { traceText } from './trace.ts';

/** What happened in one schedule, in the guest's own time: for a trace viewer, and for a terminal. */

export { type Timeline, timelineOf } from './model.ts';
export { timelineText } from './text.ts';

export const drawTrace: DrawTrace = (cell, record) =>
  traceText(timelineOf(record, cell.scenario), { cell: cell.id });
