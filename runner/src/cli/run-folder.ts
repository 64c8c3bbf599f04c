import { randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../lib/errors.ts';
import { projectRoot } from '../lib/project.ts';
import type { CommandContext } from './context.ts';

/** Where runs go that are not sent elsewhere. */
export const RUNS = path.join(projectRoot, 'reports/runs');

/** What only a run leaves in its folder. */
const OF_A_RUN = ['journal.ndjson', 'results.json', 'search.json'];

/** Where a run goes, `--out` or a folder of its own. Sorted by name, runs are sorted by time. */
export function runPlace(
  out: string | undefined,
  { now, cwd }: Pick<CommandContext, 'now' | 'cwd'>,
): { runId: string; outDir: string; shownDir: string } {
  const stamp = now().toISOString().replace(/[-:]/g, '').replace(/\..*/, 'Z');
  const runId = `${stamp}-${randomBytes(3).toString('hex')}`;
  const outDir = out === undefined ? path.join(RUNS, runId) : path.resolve(cwd, out);
  return { runId, outDir, shownDir: shown(outDir, cwd) };
}

/** As a person would write it. */
export function shown(dir: string, cwd: string): string {
  const relative = path.relative(cwd, dir);
  return relative === '' || relative.startsWith('..') ? dir : relative;
}

/** Makes the folder of a run. One that holds a run is refused: two runs in one journal are evidence of neither. */
export async function makeRunFolder(dir: string): Promise<void> {
  const found = await namesIn(dir);
  if (!OF_A_RUN.some((name) => found.includes(name))) return;
  throw new UserError(`${dir} holds a run already`, {
    code: 'run-exists',
    hint: 'name another folder with --out, or go on with that run: --resume',
  });
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    await makeFolders(dir);
    return await readdir(dir);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(`${dir} cannot be the folder of a run: ${why}`, {
      code: 'bad-run-folder',
      hint: '--out DIR puts the run elsewhere',
      cause,
    });
  }
}

/** As mkdir's `recursive`, which tries for ever where the kernel says that a folder below an existing one is not there. */
async function makeFolders(dir: string): Promise<void> {
  const made = await tryToMake(dir);
  if (made || path.dirname(dir) === dir) return;
  await makeFolders(path.dirname(dir));
  await mkdir(dir).catch(ignoreExisting);
}

/** False when the folder above is missing. */
async function tryToMake(dir: string): Promise<boolean> {
  try {
    await mkdir(dir).catch(ignoreExisting);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

function ignoreExisting(error: Error & { code?: string }): void {
  if (error.code !== 'EEXIST') throw error;
}
