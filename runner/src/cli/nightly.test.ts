import { appendFile, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LabError } from '../lib/errors.ts';
import type { Cell, CellResult, Verdict } from '../lib/verdict.ts';
import { isPlannedAlike } from '../plan/index.ts';
import { type Folder, folder, SCENARIO_YAML } from '../plan/testing.ts';
import { readResults } from '../report/index.ts';
import { cell as cellLine, line, target, writeJournal } from '../report/stored/testing.ts';
import { outcome } from '../report/testing.ts';
import { JOURNAL, type SearchOptions, type SearchOutcome } from '../run/index.ts';
import { main } from './main.ts';
import { type RunOptions, ranAs, stages, writtenByCommands } from './testing.ts';

/** What pruning fails with, if it does. */
const pruning = vi.hoisted((): { fails: Error | undefined } => ({ fails: undefined }));
vi.mock('./commands/cache.ts', async (original) => {
  const actual = await original<typeof import('./commands/cache.ts')>();
  const cachePrune: typeof actual.cachePrune = (...given) =>
    pruning.fails ? Promise.reject(pruning.fails) : actual.cachePrune(...given);
  return { ...actual, cachePrune };
});

const written = writtenByCommands();
let place: Folder;
beforeEach(async () => {
  place = await folder();
});
afterEach(() => {
  pruning.fails = undefined;
  return place[Symbol.asyncDispose]();
});

const SCENARIOS = 'argv/thread-rewrite,planted/untraced,hooks/skip,agreement/execs';
const TARGET = ['--arch', 'x86_64', '--kernel', 'debian-6.1'];
const FOUND: SearchOutcome['found'] = {
  ...{ schedule: 7, afterSeconds: 1, strategy: 'jitter', seed: '3', capsule: 'cells/c/g.capsule.json' },
  repeats: { same: 3, breached: 3, of: 3 },
};

const INPUTS = 'what it booted with';
const ON = 'x86_64/debian-6.1';

interface Seen {
  /** With the cells that were run, if any were. */
  runs: RunOptions[];
  searches: SearchOptions[];
}

/** The first line of a run's journal, from which it can go on. */
async function begun({ past, outDir, runId: id, asked, ...options }: RunOptions): Promise<void> {
  if (past) return;
  const { command, seed, profile, rerun, cells } = options;
  const run = { id, startedAt: '2026-01-01T00:00:00.000Z', command, seed, profile, rerun };
  await mkdir(outDir, { recursive: true });
  const ids = cells.map((cell) => cell.id);
  await writeJournal(outDir, [{ kind: 'run', schema: 3, run, ...asked, scenarios: {}, cells: ids }]);
}

interface Changes {
  /** The part that ends with the lab's trouble. */
  fails: string;
  flawed: SearchOutcome['flawed'];
  /** What the matrix boots with, and what the searches do. */
  inputs: string;
  searched: string;
  /** What a search throws, if anything. */
  search: () => Error | undefined;
}

/** A lab in which every cell is as expected, and a search finds what `found` says. */
function lab(
  seen: Seen,
  found: (cell: string) => SearchOutcome['found'],
  { fails, flawed = [], inputs = INPUTS, searched = inputs, search = () => undefined }: Partial<Changes> = {},
) {
  return stages({
    runMatrix: async (options) => {
      const backend = options.cells[0]?.backend;
      if (backend === fails) throw new LabError('the disk is full', { code: 'disk' });
      const { past } = options;
      const kept = (cell: Cell): CellResult | undefined => {
        const known = past?.payloads.get(ON) === inputs ? past.results.get(cell.id) : undefined;
        return isPlannedAlike(known, cell) ? known : undefined;
      };
      const left = options.cells.filter((cell) => !kept(cell));
      if (left.length > 0) seen.runs.push({ ...options, cells: left });
      await begun(options);
      const cells = options.cells.map((cell) => kept(cell) ?? ranAs(cell, { verdict: cell.expected }));
      const lines = [target(ON, inputs), ...cells.map(cellLine)].map(line);
      await appendFile(path.join(options.outDir, JOURNAL), lines.join(''));
      const whole = outcome(cells, options.seed);
      const targets = { [ON]: { inputs } };
      return { ...whole, targets, run: { ...whole.run, rerun: options.rerun } };
    },
    search: async (options) => {
      seen.searches.push(options);
      const failure = search();
      if (failure) throw failure;
      const { cell, lane, seed } = options;
      return {
        ...{ cell: cell.id, lane, seed, found: found(cell.id), schedules: 900, seconds: 60 },
        ...{ strategies: [], flawed, inputs: searched },
      };
    },
  });
}

const planted = (cell: string) => (cell.startsWith('planted/') ? FOUND : null);

function nightly(words: string[], with_: ReturnType<typeof lab>): Promise<number> {
  const env = { INIT_CWD: place.dir, XDG_CACHE_HOME: path.join(place.dir, 'cache') };
  return main(['nightly', ...words], env, with_);
}

const begin = ['--out', 'night', '--history', 'kept', '--scenario', SCENARIOS, ...TARGET];

async function verdictsOf(): Promise<Record<string, Verdict>> {
  const { cells } = await readResults('night', place.dir);
  return Object.fromEntries(cells.map(({ id, verdict }) => [id, verdict]));
}

// The first plan reads every scenario there is, which takes its time on a busy machine.
describe('nightly', { timeout: 60_000 }, () => {
  test('runs what a warden guards under each backend, all else once, and makes one report of it', async () => {
    const seen: Seen = { runs: [], searches: [] };
    expect(await nightly(begin, lab(seen, planted))).toBe(0);
    expect(seen.runs.map(({ cells }) => cells.map(({ id }) => id))).toEqual([
      ['argv/thread-rewrite@x86_64/debian-6.1+notify', 'planted/untraced@x86_64/debian-6.1+notify'],
      ['argv/thread-rewrite@x86_64/debian-6.1+trace', 'planted/untraced@x86_64/debian-6.1+trace'],
      ['agreement/execs@x86_64/debian-6.1', 'hooks/skip@x86_64/debian-6.1'],
    ]);
    expect(await verdictsOf()).toEqual({
      'argv/thread-rewrite@x86_64/debian-6.1+notify': 'held',
      'planted/untraced@x86_64/debian-6.1+notify': 'breached',
      'argv/thread-rewrite@x86_64/debian-6.1+trace': 'held',
      'planted/untraced@x86_64/debian-6.1+trace': 'breached',
      'agreement/execs@x86_64/debian-6.1': 'held',
      'hooks/skip@x86_64/debian-6.1': 'held',
    });
    expect(seen.searches.map(({ cell, seconds, lane }) => [cell.id, seconds, lane])).toEqual(
      ['argv/thread-rewrite', 'planted/untraced']
        .flatMap((name) => [
          [`${name}@x86_64/debian-6.1+notify`, 120, 'guarded'],
          [`${name}@x86_64/debian-6.1+trace`, 120, 'guarded'],
        ])
        .sort((a, b) => (String(a[0]).split('+')[1] ?? '').localeCompare(String(b[0]).split('+')[1] ?? '')),
    );
    const { run, cells } = await readResults('night', place.dir);
    const ofRuns = seen.runs.map(({ seed }) => outcome([], seed).run.seconds);
    expect(run.seconds).toBe(ofRuns.reduce((sum, seconds) => sum + seconds, seen.searches.length * 60));
    expect(cells[0]?.findings.join()).toMatch(/no breach in 900 schedules/);
    expect(await readFile(path.join(place.dir, 'night/report.html'), 'utf8')).toContain('"trend":{"runs":[');
    expect(written.stdout).toMatch(/6 of 6 as expected/);
    expect(written.stdout).toMatch(/entries removed/);
  });

  test('a search that breaches makes its cell breached, with what it can be had again from', async () => {
    const seen: Seen = { runs: [], searches: [] };
    const found = (cell: string) => (cell.endsWith('+trace') ? FOUND : planted(cell));
    expect(await nightly(begin, lab(seen, found))).toBe(1);
    const { cells } = await readResults('night', place.dir);
    const cell = cells.find(({ id }) => id === 'argv/thread-rewrite@x86_64/debian-6.1+trace');
    expect(cell).toMatchObject({ verdict: 'breached', asExpected: false, breachRateBelow: null });
    expect(cell?.reason).toMatch(/schedule 7 of a search did, by jitter/);
    expect(cell?.capsules.at(-1)).toMatch(
      /^searches\/cells\/argv_thread-rewrite.*\/1\/cells\/c\/g\.capsule\.json$/,
    );
  });

  test('a search that does not find what was planted is worth nothing, and says so', async () => {
    const seen: Seen = { runs: [], searches: [] };
    expect(
      await nightly(
        begin,
        lab(seen, () => null),
      ),
    ).toBe(1);
    expect(await verdictsOf()).toMatchObject({
      'planted/untraced@x86_64/debian-6.1+notify': 'inconclusive',
      'argv/thread-rewrite@x86_64/debian-6.1+notify': 'held',
    });
  });

  test('a search in which a kernel died or a warden stood still makes its cell so, and is told', async () => {
    const seen: Seen = { runs: [], searches: [] };
    const flawed = [
      { kind: 'hung', count: 2, detail: 'no progress' } as const,
      { kind: 'error', count: 1, detail: 'a frame is missing' } as const,
    ];
    expect(await nightly(begin, lab(seen, planted, { flawed }))).toBe(1);
    const { cells } = await readResults('night', place.dir);
    const cell = cells.find(({ id }) => id === 'argv/thread-rewrite@x86_64/debian-6.1+trace');
    expect(cell).toMatchObject({
      ...{ verdict: 'hung', asExpected: false, breachRateBelow: null },
      reason: 'no schedule of the matrix hung, but 2 of a search did: no progress',
      sealedSearch: { kind: 'not-found', schedules: 900, flawed },
    });
    expect(written.stdout).toMatch(/2 hung, so no evidence: no progress/);
    expect(await verdictsOf()).toMatchObject({ 'planted/untraced@x86_64/debian-6.1+trace': 'breached' });
  });

  test('a search that cannot be made costs nothing but itself, and is tried again', async () => {
    const why = new LabError('QEMU 7.2.0 cannot fork a guest', { code: 'qemu-too-old' });
    const seen: Seen = { runs: [], searches: [] };
    expect(await nightly(begin, lab(seen, planted, { search: () => why }))).toBe(0);
    const { cells } = await readResults('night', place.dir);
    expect(cells[0]?.findings.join()).toMatch(/not possible, QEMU 7\.2\.0 cannot fork a guest/);
    expect(Object.values(await verdictsOf())).toHaveLength(6);
    const again: Seen = { runs: [], searches: [] };
    expect(await nightly(['--resume', 'night'], lab(again, planted))).toBe(0);
    expect(again.searches).toHaveLength(4);
  });

  test('a search that ends because the disk is full ends the night', async () => {
    const seen: Seen = { runs: [], searches: [] };
    const full = new LabError('the disk is full', { code: 'disk-full' });
    expect(await nightly(begin, lab(seen, planted, { search: () => full }))).toBe(3);
    expect(seen.searches).toHaveLength(1);
  });

  test('what compares shapes is not searched, whatever the words mean', async () => {
    const seen: Seen = { runs: [], searches: [] };
    expect(await nightly([...begin, '--search', 'agreement/*,planted/*'], lab(seen, planted))).toBe(0);
    expect(new Set(seen.searches.map(({ cell }) => cell.scenario.id))).toEqual(new Set(['planted/untraced']));
  });

  test('goes on where it was: what is done is not done again', async () => {
    const first: Seen = { runs: [], searches: [] };
    expect(await nightly(begin, lab(first, planted, { fails: 'trace' }))).toBe(3);
    expect(first.runs).toHaveLength(1);
    const second: Seen = { runs: [], searches: [] };
    expect(await nightly(['--resume', 'night', '--jobs', '1'], lab(second, planted))).toBe(0);
    expect(second.runs.map(({ cells, jobs }) => [cells[0]?.backend, jobs])).toEqual([
      ['trace', 1],
      ['auto', 1],
    ]);
    const third: Seen = { runs: [], searches: [] };
    expect(await nightly(['--resume', 'night'], lab(third, planted))).toBe(0);
    expect([third.runs, third.searches]).toEqual([[], []]);
    expect(Object.keys(await verdictsOf())).toHaveLength(6);
  });

  describe('of scenarios that change', () => {
    const own = ['--scenarios', 'own', '--scenario', 'own/*', '--search', 'own/one', ...TARGET];
    const words = ['--out', 'night', '--history', 'kept', ...own];
    const resume = async (changes: Partial<Changes> = {}): Promise<Seen & { status: number }> => {
      const seen: Seen = { runs: [], searches: [] };
      return { status: await nightly(['--resume', 'night'], lab(seen, planted, changes)), ...seen };
    };
    const begins = async (): Promise<Seen> => {
      await place.scenario('own/own/one');
      await place.scenario('own/own/two');
      const seen: Seen = { runs: [], searches: [] };
      expect(await nightly(words, lab(seen, planted))).toBe(0);
      return seen;
    };

    test('runs and searches again what is planned otherwise by now, and nothing else', async () => {
      const first = await begins();
      expect(await resume()).toEqual({ status: 0, runs: [], searches: [] });
      await place.scenario('own/own/one', SCENARIO_YAML.replace('limit: 60s', 'limit: 61s'));
      const { status, runs, searches } = await resume();
      expect([status, runs.map(({ past }) => past !== undefined)]).toEqual([0, [true, true]]);
      const plans = ({ runs }: Pick<Seen, 'runs'>) => runs.map(({ cells }) => cells.map(({ plan }) => plan));
      const [[one, ...more] = [], [other] = []] = plans({ runs });
      expect([one, other]).not.toContain(plans(first)[0]?.[0]);
      expect(more).toEqual([]);
      expect(searches.map(({ cell, outDir }) => [cell.id, path.basename(outDir)])).toEqual([
        ['own/one@x86_64/debian-6.1+notify', '2'],
        ['own/one@x86_64/debian-6.1+trace', '2'],
      ]);
      const { cells } = await readResults('night', place.dir);
      const [notify = [], trace = []] = plans(first);
      expect(cells.map(({ plan }) => plan)).toEqual([one, notify[1], other, trace[1]]);
      expect(await resume()).toEqual({ status: 0, runs: [], searches: [] });
    });

    test('runs and searches again what boots with something else', async () => {
      const first = await begins();
      const { status, runs, searches } = await resume({ inputs: 'something else' });
      const ids = (all: readonly RunOptions[]) => all.map(({ cells }) => cells.map(({ id }) => id));
      expect([status, ids(runs), searches.length]).toEqual([0, ids(first.runs), 2]);
    });

    test('goes on where one part is done of something else than the next will be', async () => {
      await place.scenario('own/own/one');
      expect(await nightly(words, lab({ runs: [], searches: [] }, planted, { fails: 'trace' }))).toBe(3);
      const { status, runs } = await resume({ inputs: 'something else' });
      expect([status, runs.map(({ cells }) => cells[0]?.backend)]).toEqual([0, ['notify', 'trace']]);
    });

    test('a search of another build than the matrix says nothing of the cell, until the matrix is of that build', async () => {
      await place.scenario('own/own/one');
      const other = { searched: 'something else' };
      expect(
        await nightly(
          words,
          lab({ runs: [], searches: [] }, () => FOUND, other),
        ),
      ).toBe(0);
      const { cells } = await readResults('night', place.dir);
      expect(cells.map(({ verdict }) => verdict)).toEqual(['held', 'held']);
      expect(cells[0]?.findings.join()).toMatch(/not possible, its guest booted with something else/);
      const { runs, searches } = await resume({ inputs: 'something else' });
      expect([runs.length, searches]).toEqual([2, []]);
      expect((await verdictsOf())['own/one@x86_64/debian-6.1+trace']).toBe('breached');
    });

    test('does not go on where its words mean other scenarios by now', async () => {
      await begins();
      await place.scenario('own/own/three');
      expect((await resume()).status).toBe(2);
      expect(written.stderr).toMatch(/notify cannot go on: it was of other cells .*: own\/three@x86_64/);
    });
  });

  test('a night without the scenarios that are usually searched, or whose cache cannot be pruned, has its report all the same', async () => {
    const seen: Seen = { runs: [], searches: [] };
    const words = ['--out', 'night', '--history', 'kept', '--scenario', 'hooks/skip', ...TARGET];
    pruning.fails = new Error('EIO: i/o error, rmdir');
    expect(await nightly(words, lab(seen, planted))).toBe(0);
    expect(written.stderr).toBe('the cache was not pruned: EIO: i/o error, rmdir\n');
    expect(seen.searches).toEqual([]);
    expect(Object.keys(await verdictsOf())).toEqual(['hooks/skip@x86_64/debian-6.1']);
  });

  test.each([
    [['--out', 'night', '--search-for', 'soon'], /--search-for soon: a time is expected/],
    [['--out', 'night', '--days', '-1'], /--days -1/],
    [['--out', 'night', '--search', 'plantd/*'], /no scenario matches `plantd\/\*`/],
    [['--out', 'night', '--scenario', 'argv/thread-rewrit'], /argv\/thread-rewrit/],
    [['--resume', 'nowhere'], /nowhere is no folder of a night/],
  ])('%s is refused before anything is run', async (words, why) => {
    const seen: Seen = { runs: [], searches: [] };
    expect(await nightly(words, lab(seen, planted))).toBe(2);
    expect(written.stderr).toMatch(why);
    expect(seen.runs).toEqual([]);
    expect(await readdir(place.dir)).toEqual([]);
  });
});
