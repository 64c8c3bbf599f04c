import { cp } from 'node:fs/promises';
import path from 'node:path';
import { isThere } from '../../lib/is-there.ts';
import type { CellResult } from '../../lib/verdict.ts';
import { folderOf, mergeRuns, printable, readResults } from '../../report/index.ts';
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
  for (const name of names) await copyCells(await folderOf(name, cwd), dir);
  for (const [id, capsule] of await missingCapsules(outcome.cells, dir)) {
    const where = 'its run has it elsewhere, or was not copied whole';
    context.stderr.write(`${printable(`${id}: ${capsule} is not there: ${where}`)}\n`);
  }
  const strict = flags.strict === true;
  const place = { dir, shownDir, strict, history: flags.history, context };
  await finishRun(outcome, place);
  return exitStatus(outcome.cells, { strict });
}

async function missingCapsules(cells: readonly CellResult[], dir: string): Promise<[string, string][]> {
  const named = cells.flatMap(({ id, capsules }) =>
    capsules.map((capsule): [string, string] => [id, capsule]),
  );
  const there = await Promise.all(named.map(([, capsule]) => isThere(path.join(dir, capsule))));
  return named.filter((_, at) => !there[at]);
}

/** Consoles, capsules, timelines: each cell has a folder of its own, and may have one of its search. */
export async function copyCells(from: string, to: string): Promise<void> {
  for (const name of ['cells', 'searches']) {
    const folder = path.join(from, name);
    if (await isThere(folder)) await cp(folder, path.join(to, name), { recursive: true });
  }
}
