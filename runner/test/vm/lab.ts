import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { cacheRoot } from '../../src/lib/cache.ts';
import { projectRoot } from '../../src/lib/project.ts';
import { type Results, resultsSchema } from '../../src/report/index.ts';

/** The real lab, run as a person runs it. */

/** Beyond the longest timeout of a test, which says more. */
const LIMIT_MS = 3_600_000;

const BIN = 'bin/photofinish.mjs';
export const bin = path.join(projectRoot, BIN);
export const fixtures = fileURLToPath(new URL('scenarios', import.meta.url));

export interface Run extends AsyncDisposable {
  status: number | undefined;
  stdout: string;
  stderr: string;
  dir: string;
  results(): Promise<Results>;
  file(name: string): Promise<string>;
}

/** `photofinish matrix` with a folder of its own. */
export const matrix = (...flags: string[]): Promise<Run> => matrixOf(projectRoot, process.env, ...flags);

/** The same, of a copy of the project and in another environment. */
export async function matrixOf(root: string, env: NodeJS.ProcessEnv, ...flags: string[]): Promise<Run> {
  const parent = await mkdtemp(path.join(tmpdir(), 'pf-test-'));
  const dir = path.join(parent, 'run');
  const words = [path.join(root, BIN), 'matrix', '--out', dir, ...flags];
  const done = await execa(process.execPath, words, {
    env,
    reject: false,
    stdin: 'ignore',
    timeout: LIMIT_MS,
  });
  const file = (name: string) => readFile(path.join(dir, name), 'utf8');
  return {
    status: done.exitCode,
    stdout: done.stdout,
    stderr: done.stderr,
    dir,
    file,
    results: async () => resultsSchema.parse(JSON.parse(await file('results.json'))),
    [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }),
  };
}

/** The environment for a cache below `dir` with everything in it that can be downloaded and built, and nothing that was booted. */
export async function cacheWithoutBoots(dir: string): Promise<NodeJS.ProcessEnv> {
  const entries = path.join(cacheRoot(process.env), 'entries');
  const other = path.join(dir, 'cache');
  await mkdir(path.join(other, 'photofinish', 'entries'), { recursive: true });
  for (const kind of await readdir(entries)) {
    if (kind === 'checkpoints' || kind === 'certificates') continue;
    await symlink(path.join(entries, kind), path.join(other, 'photofinish', 'entries', kind));
  }
  return { ...process.env, XDG_CACHE_HOME: other };
}

/** Verdicts by cell id. */
export const verdicts = (results: Results): Record<string, string> =>
  Object.fromEntries(results.cells.map((cell) => [cell.id, cell.verdict]));
