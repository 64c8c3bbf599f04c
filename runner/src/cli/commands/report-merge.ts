import { cp, stat } from 'node:fs/promises';
import path from 'node:path';
import { mergeRuns, readResults } from '../../report/index.ts';
import type { CommandContext } from '../context.ts';
import { makeRunFolder, runPlace } from '../run-folder.ts';
import { finishRun } from '../written-run.ts';
import { exitStatus } from './matrix.ts';

export interface ReportMergeFlags {
  out?: string;
  strict?: boolean;
  history?: string;
}

/** Several runs as one, with one exit status. */
export async function reportMerge(
  names: readonly string[],
  flags: ReportMergeFlags,
  context: CommandContext,
): Promise<number> {
  const { cwd, command } = context;
  const parts = await Promise.all(
    names.map(async (name) => ({ name, results: await readResults(name, cwd) })),
  );
  const { runId, outDir: dir, shownDir } = runPlace(flags.out, context);
  const outcome = mergeRuns(parts, { id: runId, command });
  await makeRunFolder(dir);
  for (const name of names) await copyCells(path.resolve(cwd, name), dir);
  const strict = flags.strict === true;
  const place = { dir, shownDir, strict, history: flags.history, context };
  await finishRun(outcome, place);
  return exitStatus(outcome.cells, { strict });
}

/** Consoles, capsules, timelines: each cell has a folder of its own. */
export async function copyCells(from: string, to: string): Promise<void> {
  const cells = path.join(from, 'cells');
  const there = await stat(cells).then(
    () => true,
    () => false,
  );
  if (there) await cp(cells, path.join(to, 'cells'), { recursive: true });
}
