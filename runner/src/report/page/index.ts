import path from 'node:path';
import { writeAtomically } from '../atomic-file.ts';
import type { StoredRun } from '../stored/stored-run.ts';
import { type PageCode, pageHtml } from './html.ts';
import { type PageOptions, pageOf } from './page-of.ts';

/** report.html: a run for whoever opens it in the morning. */

export type { PageCode } from './html.ts';
export { pageCode } from './page-code.ts';
export type { PageTrend } from './page-data.ts';

export const PAGE = 'report.html';
/** Of the whole file. */
const ROOM_BYTES = 1024 * 1024;
/** For what stands around the data. */
const FRAME_BYTES = 4096;

/** Writes the page into the run's folder, and gives its path. */
export async function writePage(
  stored: StoredRun,
  code: PageCode,
  options: Omit<PageOptions, 'roomBytes'>,
): Promise<string> {
  const codeBytes = Buffer.byteLength(code.script) + Buffer.byteLength(code.style);
  const data = await pageOf(stored, { ...options, roomBytes: ROOM_BYTES - FRAME_BYTES - codeBytes });
  const file = path.join(options.dir, PAGE);
  await writeAtomically(file, pageHtml(data, code));
  return file;
}
