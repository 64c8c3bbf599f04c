import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { exec, schedule } from '../judge/testing.ts';
import { capsuleText } from '../lib/capsule.ts';
import { LabError, UserError } from '../lib/errors.ts';
import type { FlawCount } from '../lib/flaw.ts';
import { kernelIdSchema, scenarioIdSchema, targetName } from '../lib/ids.ts';
import { machines } from '../lib/machines/index.ts';
import { projectRoot } from '../lib/project.ts';
import { capsule as exampleCapsule } from '../lib/testing.ts';
import { folder } from '../plan/testing.ts';
import { resultsOf, resultsSchema } from '../report/index.ts';
import { outcome, result } from '../report/testing.ts';
import { rowOf } from '../run/bench/rows.ts';
import type { SearchOptions, SearchOutcome } from '../run/index.ts';
import { exitStatus } from './commands/matrix.ts';
import { main } from './main.ts';
import type { Stages } from './stages.ts';
import { type RunOptions, running, stages, writtenByCommands } from './testing.ts';

const written = writtenByCommands();

async function matrix(
  words: string[],
  with_: Stages,
  env: NodeJS.ProcessEnv = {},
): Promise<{ status: number; dir: string; results: unknown }> {
  await using place = await folder();
  // matrix.yaml in the project may change; the numbers here do not.
  const status = await main(
    [
      'matrix',
      '--scenario',
      'argv/thread-rewrite',
      '--arch',
      'arm',
      '--kernel',
      'debian-6.1',
      '--out',
      place.dir,
      ...words,
    ],
    env,
    with_,
  );
  const results: unknown = JSON.parse(
    await readFile(path.join(place.dir, 'results.json'), 'utf8').catch(() => 'null'),
  );
  return { status, dir: place.dir, results };
}

describe('wrong words end with 2, and say what is near', () => {
  test.each([
    ['matrx', /unknown command 'matrx'[\s\S]*Did you mean matrix\?/],
    ['matrix --arhc arm', /unknown option '--arhc'[\s\S]*Did you mean --arch\?/],
    ['matrix --arch amr', /no arch `amr`; did you mean arm/],
    ['matrix --kernel debian6.1', /no kernel `debian6\.1`; did you mean debian-6\.1\?/],
    ['matrix --scenario argv/thread-rewrit', /did you mean argv\/thread-rewrite/],
    ['matrix --profile quik', /did you mean quick\?/],
    ['matrix --backend notfy', /no backend `notfy`; did you mean notify\?/],
    ['matrix --mode seald', /no mode `seald`; did you mean sealed\?/],
    ['matrix --seed 1.5', /--seed 1\.5: a decimal number/],
    ['matrix --trials 0', /--trials 0: a whole number/],
    ['matrix --jobs none', /--jobs none: a whole number/],
    ['matrix --shard 5/4', /--shard 5\/4: i\/n/],
    ['matrix --scenarios /nowhere/at/all', /cannot be read/],
    ['matrix --resume /nowhere/at/all', /journal\.ndjson is not the journal of a run.*ENOENT/],
    ['matrix --resume /x --arch arm', /'--resume <dir>' cannot be used with option '--arch <names>'/],
    ['matrix --resume /x --seed 2', /'--resume <dir>' cannot be used with option '--seed <s>'/],
    ['matrix arm', /too many arguments/],
    ['matrix --arch', /argument missing/],
    ['shell', /missing required argument 'target'/],
    ['shell arm', /a target is named arch\/kernel/],
    ['shell mips/debian-6.1', /the catalogue has no debian-6\.1 for mips/],
    ['shell amr/debian-6.1', /did you mean arm/],
    ['kernels lst', /unknown command 'lst'[\s\S]*Did you mean list\?/],
    ['kernels', /Usage: photofinish kernels/],
    ['kernels fetch --kernel debian-7', /no kernel `debian-7`; did you mean debian-6\.1/],
    ['kernels build 4.11', /no kernel `4\.11`; did you mean 4\.10/],
    ['kernels build debian-6.1', /no kernel `debian-6\.1`/],
    ['kernels build arm/4.1', /did you mean 4\.10/],
    ['kernels pack arm/4.10', /missing required argument 'file'/],
    ['matrix --kernel-source 4.10', /--kernel-source 4\.10: a kernel and a path/],
    ['matrix --kernel-source 4.9=/x', /no kernel `4\.9`/],
    ['cache prune --days soon', /--days soon: a whole number/],
    ['bench fork --target nowhere', /a target is named arch\/kernel/],
    ['bench warden --target nowhere', /a target is named arch\/kernel/],
    ['', /Usage: photofinish/],
  ])('%s', async (words, message) => {
    const status = await main(words.split(' ').filter(Boolean), {}, stages());
    expect([status, written.stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(written.stdout).toBe('');
    expect(written.stderr).not.toMatch(/^\s+at /m);
  });

  test('what was typed is never obeyed by the terminal', async () => {
    expect(await main(['matrix', '--arch', 'arm\u001b[2J'], {}, stages())).toBe(2);
    expect(written.stderr).not.toContain('\u001b');
  });
});

describe('matrix', () => {
  test('ends with 0 when every cell is as expected, and writes its reports', async () => {
    const { status, results } = await matrix([], running({}));
    expect(status).toBe(0);
    expect(resultsSchema.parse(results).cells.map((cell) => cell.id)).toEqual([
      'argv/thread-rewrite@arm/debian-6.1',
    ]);
    expect(written.stdout).toContain('✔ held');
    expect(written.stderr).toBe('');
  });

  test('ends with 1 when one is not, and says what to type', async () => {
    const { status } = await matrix(
      ['--seed', '7', '--trials', '3'],
      running({ verdict: 'breached', asExpected: false }),
    );
    expect(status).toBe(1);
    expect(written.stdout).toContain(
      'npm run matrix -- --scenario argv/thread-rewrite --arch arm --kernel debian-6.1 --trials 3 --seed 7',
    );
  });

  test('has no answer where no kernel could be had, and fails if it is strict', async () => {
    const missing = { verdict: 'unavailable', asExpected: false, lanes: {}, breachRateBelow: null } as const;
    expect((await matrix([], running(missing))).status).toBe(3);
    expect(written.stdout).toContain('; nothing was raced');
    expect((await matrix(['--strict'], running(missing))).status).toBe(1);
  });

  test('two runs are compared, and what is not as expected any more ends with 1', async () => {
    await using place = await folder();
    const [good, bad] = [result(), result({ verdict: 'breached' })].map((cell) =>
      JSON.stringify(resultsOf(outcome([cell]))),
    );
    await place.write('good/results.json', good ?? '');
    await place.write('bad.json', bad ?? '');
    const [before, after] = [path.join(place.dir, 'good'), path.join(place.dir, 'bad.json')];
    expect(await main(['report', 'diff', before, after], {}, running({}))).toBe(1);
    expect(written.stdout).toMatch(/breached\* argv\/swap@arm\/debian-6.1 was held/);
    expect(await main(['report', 'diff', after, before], {}, running({}))).toBe(0);
    await place.write('old.json', (good ?? '').replace('"schema":3', '"schema":2'));
    await place.write('cut.json', (good ?? '').slice(0, 100));
    for (const [name, why] of [
      ['old.json', /no results of this version: schema/],
      ['cut.json', /not JSON, or not all of it/],
      ['none.json', /there is no such file/],
      ['.', /there is no results.json in it/],
    ] as const) {
      expect(await main(['report', 'diff', before, path.join(place.dir, name)], {}, running({}))).toBe(2);
      expect(written.stderr).toMatch(why);
    }
  });

  test('a job of GitHub’s gets its summary behind what others wrote, and cannot fail of it', async () => {
    await using place = await folder();
    const page = await place.write('page.md', 'before\n');
    const env = { GITHUB_STEP_SUMMARY: page };
    expect((await matrix([], running({}), env)).status).toBe(0);
    expect((await matrix([], running({}), env)).status).toBe(0);
    expect(await readFile(page, 'utf8')).toMatch(/^before\n## ✔ photofinish\n[\s\S]*\n## ✔ photofinish\n/);
    const nowhere = { GITHUB_STEP_SUMMARY: path.join(place.dir, 'no/page.md') };
    expect((await matrix([], running({}), nowhere)).status).toBe(0);
  });

  test('with --json has standard output to itself', async () => {
    const { results } = await matrix(['--json'], running({}));
    expect(resultsSchema.parse(JSON.parse(written.stdout))).toEqual(results);
    expect(written.stderr).toContain('✔ held');
  });

  test('hands the flags on as they were meant', async () => {
    const seen: RunOptions[] = [];
    const flags = '--seed 18446744073709551615 --jobs 3 --ready --profile quick --mode live --backend notify';
    await matrix(flags.split(' '), running({}, seen));
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      ...{ seed: '18446744073709551615', jobs: 3, ready: true, profile: 'quick' },
      cells: [{ mode: 'live', backend: 'notify', schedules: { control: 3, guarded: 3, honest: 1 } }],
    });
    expect(seen[0]?.command).toMatch(/^photofinish matrix --scenario argv\/thread-rewrite .*--seed 1844/);
    expect(seen[0]?.scenarios.length).toBeGreaterThan(1);
  });

  test('a shard knows the hash of its whole plan, and how many cells that has', async () => {
    const seen: RunOptions[] = [];
    const { results } = await matrix(['--shard', '1/1'], running({}, seen));
    const whole = { plan: expect.stringMatching(/^sha256:/), cells: 1 };
    expect(seen[0]?.shard).toEqual({ index: 1, count: 1, ...whole });
    expect(resultsSchema.parse(results).cells[0]?.plan).toBe(seen[0]?.cells[0]?.plan);
  });

  test('does not call a run good that lost a cell', async () => {
    const { status } = await matrix([], stages({ runMatrix: async ({ seed }) => outcome([], seed) }));
    expect([status, written.stderr]).toEqual([
      3,
      expect.stringMatching(/no result for argv\/thread-rewrite@arm/),
    ]);
  });

  test('ends with 3 and one line when the lab cannot work', async () => {
    const runMatrix = async () => {
      throw new LabError('there is no QEMU for arm', {
        code: 'qemu-missing',
        hint: 'install qemu-system-arm',
      });
    };
    expect((await matrix([], stages({ runMatrix }))).status).toBe(3);
    expect(written.stderr).toBe('photofinish: there is no QEMU for arm\n  install qemu-system-arm\n');
  });

  test('a source of a kernel that is none is found out before there is a folder', async () => {
    await using place = await folder();
    const checkKernelSources = async () => {
      throw new UserError('4.10: there is no /tree', { code: 'bad-kernel-source', hint: 'name another' });
    };
    const out = path.join(place.dir, 'run');
    const words = ['matrix', '--kernel-source', '4.10=/tree', '--out', out];
    expect(await main(words, {}, stages({ checkKernelSources }))).toBe(2);
    expect(await readdir(place.dir)).toEqual([]);
  });

  test('ends with 3 and a stack when nobody foresaw it', async () => {
    const runMatrix = async () => {
      throw new TypeError('undefined is not a function');
    };
    expect((await matrix([], stages({ runMatrix }))).status).toBe(3);
    expect(written.stderr).toMatch(/TypeError: undefined is not a function\n\s+at /);
  });
});

describe('matrix --resume', () => {
  const one = ['--scenario', 'argv/thread-rewrite', '--arch', 'arm', '--kernel', 'debian-6.1'];
  const cell = result({ scenario: scenarioIdSchema.parse('argv/thread-rewrite') });

  /** The journal of a run of one cell, as `change` leaves it. */
  async function begun(dir: string, change: Record<string, unknown> = {}): Promise<void> {
    const seen: RunOptions[] = [];
    const words = ['matrix', ...one, '--trials', '3', '--out', path.join(dir, 'first')];
    await main(words, { INIT_CWD: dir }, running({}, seen));
    const [options] = seen;
    if (!options) throw new Error('nothing was run');
    const { seed, profile, command, runId: id, asked, rerun } = options;
    const run = { id, startedAt: '2026-01-01T00:00:00.000Z', command, seed, profile, rerun };
    const cells = options.cells.map(({ id }) => id);
    const start = { kind: 'run', schema: 3, run, ...asked, scenarios: {}, cells };
    const entries = [
      { ...start, ...change },
      { kind: 'target', target: 'arm/debian-6.1', payload: 'p' },
      { kind: 'cell', result: cell },
    ];
    await writeFile(path.join(dir, 'journal.ndjson'), entries.map((e) => `${JSON.stringify(e)}\n`).join(''));
  }

  test('asks for the same again, and hands on what is known', async () => {
    await using place = await folder();
    await begun(place.dir);
    const seen: RunOptions[] = [];
    const status = await main(['matrix', '--resume', place.dir, '--jobs', '1'], {}, running({}, seen));
    expect([status, written.stderr]).toEqual([0, '']);
    expect(seen[0]).toMatchObject({
      ...{ outDir: place.dir, jobs: 1, profile: 'default', cells: [{ id: cell.id }] },
      command: expect.stringContaining('--trials 3'),
      past: { startedAt: '2026-01-01T00:00:00.000Z' },
    });
    expect(seen[0]?.cells[0]?.trials.guarded).toBe(3);
    expect([...(seen[0]?.past?.results.keys() ?? [])]).toEqual([cell.id]);
    expect(
      resultsSchema.parse(JSON.parse(await readFile(path.join(place.dir, 'results.json'), 'utf8'))),
    ).toBeTruthy();
  });

  test.each([
    ['other cells', { cells: ['argv/gone@arm/debian-6.1'] }, /other cells than there are now: argv\/thread/],
    ['flags that nobody knows', { flags: { colour: 'blue' } }, /flags are of another version/],
  ])('%s cannot go on', async (_, change, message) => {
    await using place = await folder();
    await begun(place.dir, change);
    expect(await main(['matrix', '--resume', place.dir], {}, stages())).toBe(2);
    expect(written.stderr).toMatch(message);
  });
});

describe('signals', () => {
  /** A run that lasts until it is aborted, and then tidies up. */
  const endless = (onAbort: () => unknown) =>
    stages({
      runMatrix: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            onAbort();
            reject(new LabError('QEMU is gone', { code: 'qemu-died' }));
          });
          process.emit('SIGINT');
        }),
    });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s aborts the run, which ends with 130',
    async (name) => {
      const tidied = vi.fn();
      const runMatrix: Stages['runMatrix'] = ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            tidied();
            reject(signal.reason);
          });
          process.emit(name);
        });
      const { status, results } = await matrix([], stages({ runMatrix }));
      expect([status, results]).toEqual([130, null]);
      expect(written.stderr).toMatch(/to go on: npm run matrix -- --resume \//);
      expect(tidied).toHaveBeenCalledOnce();
    },
  );

  test('an error that comes of being interrupted is no error of the lab', async () => {
    expect(
      (
        await matrix(
          [],
          endless(() => undefined),
        )
      ).status,
    ).toBe(130);
    expect(written.stderr).not.toContain('QEMU is gone');
  });

  test('a second one ends at once', async () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    await matrix(
      [],
      endless(() => process.emit('SIGINT')),
    );
    expect(exit).toHaveBeenCalledExactlyOnceWith(130);
  });

  test('nobody listens any more afterwards', async () => {
    const before = process.listenerCount('SIGINT');
    await main(['matrx'], {}, stages());
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});

describe('the other words', () => {
  test('kernels list shows each kernel with its arches, and how each that is built stands', async () => {
    const kernelStates: Stages['kernelStates'] = async ({ id: kernel }) => [['arm', `state of ${kernel}`]];
    expect(await main(['kernels', 'list'], {}, stages({ kernelStates }))).toBe(0);
    expect(written.stdout).toMatch(/^debian-6\.1 +x86_64, arm, mipsel\n +for tests\n/);
    expect(written.stdout).toMatch(
      /4\.10 +x86_64, arm, mips, mipsel\n +built for tests\n +arm: state of 4\.10\n/,
    );
  });

  test('kernels fetch says what could not be had, and ends with 1', async () => {
    const provisionTarget = async () => ({ ok: false, reason: 'no mirror', hint: 'try later' }) as const;
    const fetchKernelSource = async () => ({ ok: true, text: 'release' }) as const;
    const words = ['kernels', 'fetch', '--arch', 'arm'];
    expect(await main(words, {}, stages({ provisionTarget, fetchKernelSource }))).toBe(1);
    expect(written.stdout).toBe(
      '4.10: release\n6.13: release\n4.10-debug: release\n6.13-debug: release\narm/debian-6.1: unavailable: no mirror; try later\n',
    );
  });

  test('kernels build takes kernels and targets, and hands on where their sources are', async () => {
    const seen: string[] = [];
    const buildKernel: Stages['buildKernel'] = async (target, _, { kernelSources }) => {
      seen.push(`${targetName(target)} ${kernelSources?.get(target.kernel) ?? 'release'}`);
      return target.arch === 'mips'
        ? { ok: false, reason: 'no compiler', hint: 'get it' }
        : { ok: true, text: 'r' };
    };
    const with_ = stages({ buildKernel, checkKernelSources: async () => undefined });
    const words = ['kernels', 'build', '6.13', 'arm/4.10', '--kernel-source', '4.10=/a/tree'];
    expect(await main(words, {}, with_)).toBe(1);
    expect(seen.sort()).toEqual([
      ...['arm/4.10 /a/tree', 'arm/6.13 release', 'mips/6.13 release'],
      ...['mipsel/6.13 release', 'x86_64/6.13 release'],
    ]);
    expect(written.stdout).toContain('mips/6.13: unavailable: no compiler; get it\n');
  });

  test('kernels pack and import take paths of the folder they were typed in', async () => {
    const seen: string[] = [];
    const packKernel: Stages['packKernel'] = async (_, file) => {
      seen.push(file);
      return 'release 4.10';
    };
    const importKernel: Stages['importKernel'] = async (file) => {
      seen.push(file);
      const target = { arch: 'arm' as const, kernel: kernelIdSchema.parse('4.10') };
      return { target, text: 'release 4.10', stale: true };
    };
    const with_ = stages({ packKernel, importKernel });
    expect(await main(['kernels', 'pack', 'arm/4.10', '/x/k.tar.gz'], {}, with_)).toBe(0);
    expect(await main(['kernels', 'import', '/x/k.tar.gz'], {}, with_)).toBe(1);
    expect(seen).toEqual(['/x/k.tar.gz', '/x/k.tar.gz']);
    expect(written.stdout).toMatch(
      /^arm\/4\.10: release 4\.10, packed in \/x\/k\.tar\.gz\n.*other fragments/s,
    );
  });

  test('cache list and prune work on an empty cache', async () => {
    await using place = await folder();
    expect(await main(['cache', 'list'], { XDG_CACHE_HOME: place.dir }, stages())).toBe(0);
    expect(await main(['cache', 'prune', '--days', '0'], { XDG_CACHE_HOME: place.dir }, stages())).toBe(0);
    expect(written.stdout).toMatch(/^0 entries, 0\.0 MiB in .*\n0 entries removed/);
  });

  test('shell ends as the shell in the guest did', async () => {
    const openShell: Stages['openShell'] = async ({ target }) => (target.arch === 'arm' ? 7 : 0);
    expect(await main(['shell', 'arm/debian-6.1'], {}, stages({ openShell }))).toBe(7);
  });

  test('replay wants a capsule that can be read, of a target that there is', async () => {
    await using place = await folder();
    const file = path.join(place.dir, 'x.capsule.json');
    expect(await main(['replay', file], {}, stages())).toBe(2);
    expect(written.stderr).toMatch(/x\.capsule\.json: cannot be read/);
    await writeFile(file, '{"capsule": 1,');
    expect(await main(['replay', file], {}, stages())).toBe(2);
    expect(written.stderr).toMatch(/not JSON, or not all of it/);
  });

  const CELL = 'argv/thread-rewrite@arm/debian-6.1';
  const FOUND = {
    ...{ schedule: 1, afterSeconds: 1, strategy: 'plain', seed: '5', capsule: 'x.capsule.json' },
    repeats: { same: 3, breached: 3, of: 3 },
  };
  const searching = (
    found: SearchOutcome['found'],
    seen: SearchOptions[] = [],
    more: Partial<SearchOutcome> = {},
  ) =>
    stages({
      search: async (options) => {
        seen.push(options);
        const { cell, lane, seed } = options;
        return {
          ...{ cell: cell.id, lane, seed, inputs: 'i', found, schedules: 1, seconds: 1 },
          ...{ strategies: [], flawed: [] },
          ...more,
        };
      },
    });

  test.each([
    ['a claim that holds', [], null, 0],
    ['a claim that is breached', [], FOUND, 1],
    ['an attack with teeth', ['--lane', 'control'], FOUND, 0],
    ['one without', ['--lane', 'control'], null, 1],
  ])('search ends as expected or not: %s', async (_, words, found, status) => {
    await using place = await folder();
    const out = path.join(place.dir, 'out');
    const seen: SearchOptions[] = [];
    const all = ['search', CELL, '--for', '2m', '--out', out, ...words];
    expect(await main(all, {}, searching(found, seen))).toBe(status);
    expect(seen[0]).toMatchObject({ seconds: 120, cell: { id: CELL, trials: { guarded: 1, control: 1 } } });
    expect(JSON.parse(await readFile(path.join(out, 'search.json'), 'utf8'))).toMatchObject({
      schema: 3,
      found,
    });
    expect(await main(all, {}, searching(found))).toBe(2);
    expect(written.stderr).toMatch(/holds a run already/);
  });

  const flawed = (kind: FlawCount['kind']): FlawCount => ({ kind, count: 1, detail: 'x' });
  test.each<[string, SearchOutcome['found'], Partial<SearchOutcome>, number]>([
    ['a kernel that died', null, { flawed: [flawed('crashed')] }, 1],
    ['a warden that waits for ever', null, { flawed: [flawed('hung')] }, 1],
    ['a breach beside a dead kernel', FOUND, { flawed: [flawed('crashed')] }, 1],
    ['trouble of the lab beside schedules that count', null, { flawed: [flawed('error')] }, 0],
    ['nothing but trouble of the lab', null, { schedules: 0, flawed: [flawed('error')] }, 3],
    [
      'nothing but schedules that say too little',
      null,
      { schedules: 0, flawed: [flawed('inconclusive')] },
      3,
    ],
    ['nothing but dead kernels', null, { schedules: 0, flawed: [flawed('crashed')] }, 1],
    ['nothing at all', null, { schedules: 0 }, 3],
  ])('search of a claim that holds: %s', async (_, found, more, status) => {
    await using place = await folder();
    const words = ['search', CELL, '--out', path.join(place.dir, 'out')];
    expect(await main(words, {}, searching(found, [], more))).toBe(status);
  });

  test.each([
    [
      'search agreement/execs@x86_64/debian-6.1',
      /cannot be searched: it compares shapes.*\n.*--schedules 100/,
    ],
    ['search argv/thread-rewrite', /is named scenario@arch\/kernel/],
    ['search argv/*@arm/debian-6.1', /is named scenario@arch\/kernel/],
    ['search argv/thread-rewrit@arm/debian-6.1', /thread-rewrit/],
    [`search ${CELL}+ptrace`, /there is no backend `ptrace`/],
    [`search ${CELL} --for 10`, /--for 10: a time is expected/],
    [`search ${CELL} --lane honest`, /lane/],
    [`search ${CELL} --strategy luck`, /strategy/],
  ])('%s is refused before anything is started', async (words, message) => {
    expect(await main(words.split(' '), {}, stages())).toBe(2);
    expect(written.stderr).toMatch(message);
  });

  test('replay shows a timeline and writes a trace when asked to, and runs other seeds for the first alone', async () => {
    await using place = await folder();
    const file = path.join(place.dir, 'x.capsule.json');
    const [capsule, trace] = [
      exampleCapsule({ scenario: scenarioIdSchema.parse('argv/thread-rewrite') }),
      path.join(place.dir, 'x.trace.json'),
    ];
    await writeFile(file, capsuleText(capsule));
    const seeksOthers: boolean[] = [];
    const replay: Stages['replay'] = async ({ passes }) => {
      seeksOthers.push(passes !== undefined);
      const first = schedule({ lane: 'guarded', index: 0, events: [exec(20, 30, 'EVIL')] });
      return { differences: [], digests: [capsule.expected.digest], same: 1, first, beside: null };
    };
    const run = (...flags: string[]) => main(['replay', file, ...flags], {}, stages({ replay }));
    expect(await run()).toBe(0);
    expect(await run('--trace', trace)).toBe(0);
    expect(written.stdout).not.toContain('timeline of');
    expect(JSON.parse(await readFile(trace, 'utf8'))).toMatchObject({ metadata: { cell: capsule.cell } });
    expect(await run('--timeline')).toBe(0);
    expect(written.stdout).toMatch(/✘ kernel +exec child 1 \[\/bin\/witness EVIL\]/);
    expect(seeksOthers).toEqual([false, false, true]);
  });

  test('replay --gdb says what to type in another terminal, then what the guest says', async () => {
    await using place = await folder();
    const file = path.join(place.dir, 'x.capsule.json');
    const capsule = exampleCapsule({ arch: 'mips', kernel: kernelIdSchema.parse('4.10') });
    await writeFile(file, capsuleText(capsule));
    const payload = {
      ...{ target: { arch: capsule.arch, kernel: capsule.kernel }, machine: machines.mips, key: 'k' },
      ...{
        kernelImage: '/c/image',
        kernelRelease: '4.10.0',
        kernelSource: 'release 4.10',
        initramfs: '/c/i',
      },
      ...{ parameters: [], systemMap: '/c/System.map' },
      programs: new Map([
        ['/bin/warden', '/c/warden'],
        ['/attacks/argv/swap', '/c/the attacks'],
        ['/bin/true', '/c/true'],
      ]),
      attacks: new Map([[capsule.scenario, { ok: true, path: '/attacks/argv/swap' } as const]]),
    };
    const replay: Stages['replay'] = async ({ person, times }) => {
      expect(times).toBe(1);
      if (person?.kind !== 'gdb') throw new Error('no debugger is wanted');
      person.onStopped({ socket: '/tmp/x/gdb', payload });
      const said = exec(5, 30, 'EVIL\n');
      person.onEvent({ from: 'agent', event: 'start', t: 2_000_000, lane: 'guarded', seed: '7' });
      person.onEvent({ ...said, t: 3_500_000 });
      const first = schedule({ lane: 'guarded', index: 0, events: [said] });
      return { differences: [], digests: ['sha256:other'], same: 0, first, beside: null };
    };
    expect(await main(['replay', file, '--gdb'], {}, stages({ replay }))).toBe(1);
    const gdb = "gdb-multiarch -ex 'target remote /tmp/x/gdb'";
    const kernel = "gdb-multiarch -ex 'set architecture mips:isa32r2' -ex 'set endian big'";
    const sources = `-d ${path.join(projectRoot, 'native')}`;
    expect(written.stdout.split('\n')).toEqual(
      expect.arrayContaining([
        ...['user space, /attacks/argv/swap:', `  ${gdb} ${sources} '/c/the attacks'`],
        ...['user space, /bin/true:', `  ${gdb} ${sources} /c/true`],
        'the kernel, 4.10.0, without symbols (its addresses are in /c/System.map):',
        `  ${kernel} -ex 'target remote /tmp/x/gdb'`,
        '       0.000 agent  start {"lane":"guarded","seed":"7"}',
        expect.stringMatching(/^ {7}1\.500 hooks {2}exec .*EVIL\\n/),
        expect.stringMatching(/^it was the same up to the debugger's first breakpoint or step/),
      ]),
    );
    expect(written.stdout).not.toContain('/c/warden');
  });

  test.each([
    ['--gdb --times 2', /'--gdb' cannot be used with option '--times <n>'/],
    ['--shell --times 2', /'--shell' cannot be used with option '--times <n>'/],
    ['--gdb --shell', /'--gdb' cannot be used with option '--shell'/],
    ['--shell', /--shell: standard input is no terminal/],
  ])('replay %s is refused before anything is started', async (flags, message) => {
    expect(await main(['replay', 'x.capsule.json', ...flags.split(' ')], {}, stages())).toBe(2);
    expect(written.stderr).toMatch(message);
  });

  test('replay --shell says how the replay was before the guest is given away, and that once', async () => {
    await using place = await folder();
    const file = path.join(place.dir, 'x.capsule.json');
    const capsule = exampleCapsule();
    await writeFile(file, capsuleText(capsule));
    const first = schedule({ lane: 'guarded', index: 0, events: [] });
    const outcome = { differences: [], digests: [capsule.expected.digest], same: 1, first, beside: null };
    const replay: Stages['replay'] = async ({ person }) => {
      if (person?.kind !== 'shell') throw new Error('no shell is wanted');
      await person.onEnd(outcome);
      expect(written.stdout).toMatch(/^1 of 1 replays are the same to the bit.*\nThe guest is yours/m);
      return outcome;
    };
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(
      Object.assign(new Readable(), { isTTY: true }) as never,
    );
    expect(await main(['replay', file, '--shell'], {}, stages({ replay }))).toBe(0);
    expect(written.stdout.match(/1 of 1 replays/g)).toHaveLength(1);
  });

  test('replay knows a breach by its scenario, so that has to be there', async () => {
    await using place = await folder();
    const file = path.join(place.dir, 'x.capsule.json');
    await writeFile(file, capsuleText(exampleCapsule()));
    expect(await main(['replay', file, '--timeline'], {}, stages())).toBe(2);
    expect(written.stderr).toMatch(/no scenario argv\/swap[\s\S]*--scenarios DIR/);
  });

  test('bench fork has its rows as JSON', async () => {
    const rows = [rowOf({ what: 'w', unit: 's', peer: 'cold boot' }, [0.2], [3.1])];
    const with_ = stages({ benchFork: async () => ({ bench: 'fork', rows }) });
    expect(await main(['bench', 'fork', '--json'], {}, with_)).toBe(0);
    expect(JSON.parse(written.stdout)).toEqual({ bench: 'fork', rows });
  });

  test.each([
    ['bench warden --target host --target arm/debian-6.1', ['host', 'arm/debian-6.1']],
    ['bench warden', ['host', 'x86_64', 'arm', 'mips', 'mipsel']],
  ])('%s measures there', async (words, expected) => {
    const seen: string[] = [];
    const with_ = stages({
      benchWarden: async ({ places }) => {
        for (const where of places) {
          if (where.kind === 'host') seen.push('host');
          else if (where.kind === 'guest') seen.push(targetName(where.target));
          else seen.push(where.candidates[0]?.arch ?? 'nowhere');
        }
        return { bench: 'warden', rows: [] };
      },
    });
    expect(await main(words.split(' '), {}, with_)).toBe(0);
    expect(seen).toEqual(expected);
  });

  test('--help is no mistake', async () => {
    expect(await main(['matrix', '--help'], {}, stages())).toBe(0);
    expect(written.stdout).toContain('--shard <i/n>');
  });
});

describe('exitStatus', () => {
  test.each([
    ['held', true, false, 0],
    ['held', false, false, 1],
    ['unsupported', false, false, 1],
    ['unsupported', true, false, 0],
    ['unavailable', false, false, 0],
    ['unavailable', false, true, 1],
    ['unavailable', true, true, 0],
    ['error', false, false, 1],
  ] as const)('%s, as expected %s, strict %s: %i', (verdict, asExpected, strict, status) => {
    expect(
      exitStatus(
        [
          { verdict: 'held', asExpected: true },
          { verdict, asExpected },
        ],
        { strict },
      ),
    ).toBe(status);
  });

  const unavailable = { verdict: 'unavailable', asExpected: false } as const;

  test.each([
    ['is the lab’s trouble', { strict: false }, 3],
    ['fails where every cell was asked for', { strict: true }, 1],
    ['is no matter in a shard', { strict: false, shard: true }, 0],
  ])('a run that raced nothing %s', (_what, how, status) => {
    expect(exitStatus([unavailable, unavailable], how)).toBe(status);
  });
});
