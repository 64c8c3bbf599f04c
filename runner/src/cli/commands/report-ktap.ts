import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { ktapCells, parseKtap } from '../../report/index.ts';
import type { CommandContext } from '../context.ts';
import { makeRunFolder, runPlace } from '../run-folder.ts';
import { parseTarget } from '../target.ts';
import { finishRun } from '../written-run.ts';
import { exitStatus } from './matrix.ts';

export interface ReportKtapFlags {
  target: string;
  out?: string;
  history?: string;
}

/** What a guest's own tests have said, as a run like any other. */
export async function reportKtap(
  file: string,
  flags: ReportKtapFlags,
  context: CommandContext,
): Promise<number> {
  const { cwd, command, now, cores, stages } = context;
  const target = parseTarget(flags.target, await stages.loadCatalogue());
  // A console's bytes need not be UTF-8; what KTAP has of them is.
  const text = await readFile(path.resolve(cwd, file), 'utf8').catch((cause: unknown) => {
    throw new UserError(`${file} cannot be read`, { code: 'no-ktap', cause });
  });
  const tests = parseKtap(text);
  if (!tests) {
    throw new UserError(`${file} has no result of a test in it`, {
      code: 'no-ktap',
      hint: 'KTAP and TAP are read: lines such as "ok 1 name"; a console of a guest may hold them',
    });
  }
  const { runId: id, outDir: dir, shownDir } = runPlace(flags.out, context);
  await makeRunFolder(dir);
  const startedAt = now().toISOString();
  const outcome = {
    run: {
      ...{ id, startedAt, seconds: 0, command, seed: '0', profile: 'ktap', rerun: [] },
      host: { qemu: 'none', cores },
    },
    ...ktapCells(tests, target),
    targets: {},
  };
  const place = { dir, shownDir, strict: false, history: flags.history, context };
  await finishRun(outcome, place);
  return exitStatus(outcome.cells, { strict: false });
}
