import type { Render } from '../../lib/verdict.ts';
import { timelineFile } from './excerpt-file.ts';
import { timelineOf } from './model.ts';
import { traceText } from './trace.ts';

/** What happened in one schedule, in the guest's own time: for a trace viewer, and for a terminal. */

export { type TimelineFile, timelineFileSchema } from './excerpt-file.ts';
export { type Timeline, timelineOf } from './model.ts';
export { timelineText } from './text.ts';

export const render: Render = {
  trace: (cell, record) => traceText(timelineOf(record, cell.scenario), { cell: cell.id }),
  timeline: (cell, record, passed) => {
    const beside = passed && timelineOf(passed, cell.scenario);
    return `${JSON.stringify(timelineFile(cell.id, timelineOf(record, cell.scenario), beside))}\n`;
  },
};
