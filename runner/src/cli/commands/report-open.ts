import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { UserError } from '../../lib/errors.ts';
import { isThere } from '../../lib/is-there.ts';
import { printable, RESULTS, type Results, readStoredRun, resultsOf, writePage } from '../../report/index.ts';
import { JOURNAL } from '../../run/index.ts';
import { type CommandContext, EXIT } from '../context.ts';
import { type Trend, trendUpTo } from '../history.ts';
import { RUNS, shown } from '../run-folder.ts';

export interface ReportOpenFlags {
  history?: string;
}

/** Makes a run's page anew, and shows it where there is a screen. */
export async function reportOpen(
  run: string | undefined,
  flags: ReportOpenFlags,
  context: CommandContext,
): Promise<number> {
  const { cwd, stages, env, stdout } = context;
  const dir = run === undefined ? await newestRun() : path.resolve(cwd, run);
  await checkFolder(dir);
  const stored = await readStoredRun(dir, cwd);
  const history = flags.history && path.resolve(cwd, flags.history);
  const { run: info } = stored;
  const results: Results | undefined =
    info.seconds !== null && info.host !== null
      ? resultsOf({ ...stored, run: { ...info, seconds: info.seconds, host: info.host } })
      : undefined;
  const { trend, notes } = history && results ? await trendUpTo(history, results) : NO_TREND;
  const told = { ...stored, notes: [...stored.notes, ...notes] };
  const file = await writePage(told, await stages.pageCode(env), { dir, shownDir: shown(dir, cwd), trend });
  for (const note of told.notes) stdout.write(`${printable(note)}\n`);
  stdout.write(`${printable(file)}\n`);
  await openOnScreen(file, context);
  return EXIT.asExpected;
}

const NO_TREND: Trend = { trend: null, notes: [] };

/** A search has a folder there as well, and no page. */
async function newestRun(): Promise<string> {
  const names = await readdir(RUNS).catch((): string[] => []);
  const runs: string[] = [];
  for (const name of names) {
    if ((await isThere(path.join(RUNS, name, JOURNAL))) || (await isThere(path.join(RUNS, name, RESULTS))))
      runs.push(name);
  }
  const newest = runs.sort().at(-1);
  if (newest !== undefined) return path.join(RUNS, newest);
  throw new UserError('there is no run below reports/runs yet', {
    code: 'no-run',
    hint: '`npm run matrix` makes one; a run elsewhere is named by its folder: report open DIR',
  });
}

async function checkFolder(dir: string): Promise<void> {
  const isFolder = await stat(dir).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return;
  throw new UserError(`${dir}: there is no such folder`, {
    code: 'bad-run-folder',
    hint: "name a run's folder, such as those below reports/runs",
  });
}

const OPEN_LIMIT_MS = 10_000;

/** Where there is no screen the path that was printed has to do. */
async function openOnScreen(file: string, { env, stdout, signal }: CommandContext): Promise<void> {
  if (stdout.isTTY !== true || !(env.DISPLAY || env.WAYLAND_DISPLAY)) return;
  const options = { reject: false, stdio: 'ignore', timeout: OPEN_LIMIT_MS, cancelSignal: signal } as const;
  await execa('xdg-open', [file], options);
}
