import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CellResult } from '../lib/verdict.ts';
import { type Folder, folder } from '../plan/testing.ts';
import { resultsSchema } from '../report/index.ts';
import type { PageData } from '../report/page/page-data.ts';
import { cell, startOf, target, writeJournal } from '../report/stored/testing.ts';
import { result, resultsOfRun, scenarioId } from '../report/testing.ts';
import { main } from './main.ts';
import { running, stages, writtenByCommands } from './testing.ts';

const written = writtenByCommands();
let place: Folder;
beforeEach(async () => {
  place = await folder();
});
afterEach(() => place[Symbol.asyncDispose]());

const report = (...words: string[]): Promise<number> =>
  main(['report', ...words], { INIT_CWD: place.dir }, stages());
const at = (name: string): string => path.join(place.dir, name);

async function pageIn(name: string): Promise<PageData> {
  const html = await readFile(at(`${name}/report.html`), 'utf8');
  const [, text = ''] = html.match(/<script type="application\/json" id="data">(.*)<\/script>/) ?? [];
  return JSON.parse(text);
}

const [one, two, three] = ['argv/one', 'argv/two', 'argv/three'].map((id) =>
  result({ scenario: scenarioId(id), console: null }),
) as [CellResult, CellResult, CellResult];
const breached = { ...one, verdict: 'breached', asExpected: false, reason: 'it is breached' } as const;

/** A folder with the results of a run; `day` is of January. */
async function ran(name: string, cells: CellResult[], day = 1, changes = {}): Promise<void> {
  const startedAt = `2026-01-0${day}T00:00:00.000Z`;
  const results = resultsOfRun(cells, { id: name, startedAt, ...changes });
  await place.write(`${name}/results.json`, JSON.stringify(results));
}

/** A history of these runs, a day after another. */
async function remembered(...runs: CellResult[][]): Promise<void> {
  for (const [index, cells] of runs.entries()) {
    await ran(`part-${index}`, cells, index + 1);
    const words = ['merge', `part-${index}`, '--out', `kept-${index}`, '--history', 'history'];
    await report(...words);
  }
  written.stdout = '';
}

describe('report open', () => {
  test('makes the page of a run anew, and says where it is', async () => {
    await ran('run', [two, breached]);
    await place.write('run/report.html', 'old');
    expect(await report('open', 'run')).toBe(0);
    expect([written.stdout, written.stderr]).toEqual([`${at('run/report.html')}\n`, '']);
    expect(await pageIn('run')).toMatchObject({
      run: { id: 'run', seconds: 41.25 },
      cells: [{ id: two.id }, { verdict: 'breached', rerun: expect.stringMatching(/ --seed 1$/) }],
      ...{ trend: null, notes: [] },
    });
    expect((await readdir(at('run'))).sort()).toEqual(['report.html', 'results.json']);
  });

  test('of a run that was interrupted shows what there is, and what there is not', async () => {
    await mkdir(at('run'));
    const start = startOf([one, two, three]);
    await writeJournal(at('run'), [start, target('arm/debian-6.1', 'p'), cell(two)], '{"kind":"cell","res');
    expect(await report('open', 'run', '--history', 'history')).toBe(0);
    const notes = [
      'This run did not come to its end.',
      '2 of its cells have no result.',
      'Damaged or of another version, and left out: line 4 of the journal.',
    ];
    expect(written.stdout).toBe([...notes, at('run/report.html'), ''].join('\n'));
    expect(await pageIn('run')).toMatchObject({
      ...{
        run: { id: start.run.id, seconds: null, qemu: null },
        cells: [{ id: two.id }],
        notes,
        trend: null,
      },
    });
    expect(await readdir(place.dir)).toEqual(['run']);
  });

  test('shows it among the runs before it, and keeps nothing', async () => {
    await remembered([one], [one], [two]);
    await ran('run', [breached], 2);
    expect(await report('open', 'run', '--history', 'history')).toBe(0);
    const { trend } = await pageIn('run');
    expect(trend?.runs.map(({ startedAt }) => startedAt.slice(0, 10))).toEqual([
      ...['2026-01-01', '2026-01-02', '2026-01-02'],
    ]);
    expect(trend?.runs.at(-1)?.id).toBe('run');
    expect(trend?.changes?.flipped).toMatchObject([{ cell: one.id, from: 'held', to: 'breached' }]);
    expect(await readdir(at('history'))).toHaveLength(3);
  });

  test.each([
    ['none', /none: there is no such folder/],
    ['empty', /empty\/journal\.ndjson .*ENOENT/],
    ['file', /file: there is no such folder/],
    ['old', /no results of this version: schema/],
  ])('of %s ends with 2 and writes no page', async (name, message) => {
    await mkdir(at('empty'));
    await place.write('file', '');
    await place.write('old/results.json', '{"schema":2}');
    expect(await report('open', name)).toBe(2);
    expect([written.stdout, written.stderr]).toEqual(['', expect.stringMatching(message)]);
    expect(await readdir(at('empty'))).toEqual([]);
  });
});

describe('report merge', () => {
  const shard = (index: number) => ({ shard: { index, count: 2 } });

  test('makes one run of the shards of a plan, with their files and one page', async () => {
    const files = { console: 'cells/one/console.log', capsules: ['cells/one/guarded-7.capsule.json'] };
    await ran('b', [two], 1, shard(2));
    await ran('a', [{ ...one, ...files }, three], 2, shard(1));
    await place.write('a/cells/one/console.log', 'said');
    await place.write('a/cells/one/guarded-7.capsule.json', '{}');
    await place.write('b/cells/two/console.log', 'said as well');
    expect(await report('merge', 'b', 'a', '--out', 'all')).toBe(0);
    const results = resultsSchema.parse(JSON.parse(await readFile(at('all/results.json'), 'utf8')));
    expect(results.cells.map(({ id }) => id)).toEqual([one.id, two.id, three.id]);
    expect(results.run).toMatchObject({
      ...{ command: 'photofinish report merge b a --out all', startedAt: '2026-01-01T00:00:00.000Z' },
    });
    expect((await readdir(at('all'))).sort()).toEqual([
      ...['cells', 'ctrf.json', 'junit.xml', 'report.html', 'results.json', 'results.ktap', 'summary.md'],
    ]);
    expect(await readFile(at('all/cells/one/console.log'), 'utf8')).toBe('said');
    expect(await readFile(at('all/cells/two/console.log'), 'utf8')).toBe('said as well');
    expect((await pageIn('all')).cells[0]).toMatchObject({
      console: { file: files.console },
      capsules: [{ replay: `npm run replay -- all/${files.capsules[0]}` }],
    });
    expect(written.stdout).toContain('3 held');
  });

  test('has the files of runs whose results.json was named, and tells which capsule is not there', async () => {
    const capsules = [
      'cells/one/guarded-7.capsule.json',
      'searches/one/a.json',
      'cells/one/guarded-8.capsule.json',
    ];
    await ran('a', [{ ...one, capsules }]);
    await ran('b', [two]);
    await place.write('a/cells/one/guarded-7.capsule.json', '{}');
    await place.write('a/searches/one/a.json', '{}');
    expect(await report('merge', 'a/results.json', 'b/results.json', '--out', 'all')).toBe(0);
    expect(await readFile(at(`all/${capsules[0]}`), 'utf8')).toBe('{}');
    expect(written.stderr).toMatch(
      /^argv\/one@\S+: cells\/one\/guarded-8\.capsule\.json is not there: .*\n$/,
    );
  });

  test('ends with 1 when a cell of one part is not as expected', async () => {
    await ran('a', [breached]);
    await ran('b', [two]);
    expect(await report('merge', 'a', 'b', '--out', 'all')).toBe(1);
    expect(written.stdout).toContain(`npm run matrix -- --scenario argv/one`);
  });

  test('passes over what could not be had, unless it is strict', async () => {
    await ran('a', [{ ...one, verdict: 'unavailable', asExpected: false, lanes: {}, breachRateBelow: null }]);
    await ran('b', [two]);
    expect(await report('merge', 'a', 'b', '--out', 'lax')).toBe(0);
    expect(await report('merge', 'a', 'b', '--out', 'strict', '--strict')).toBe(1);
    expect(await report('merge', 'a', '--out', 'nothing')).toBe(3);
  });

  test('keeps the whole in a history, and shows it among the others', async () => {
    await remembered([one]);
    await ran('a', [breached], 3);
    await ran('b', [two], 3);
    await report('merge', 'a', 'b', '--out', 'all', '--history', 'history');
    expect(await readdir(at('history'))).toHaveLength(2);
    const { trend } = await pageIn('all');
    expect(trend?.runs.map(({ cells, asExpected }) => [cells, asExpected])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(trend?.changes).toMatchObject({ flipped: [{ cell: one.id }], added: [two.id] });
  });

  test.each([
    ['a shard is missing', ['s1'], /not all the shards of one plan: 1\/2/],
    ['one is named twice', ['a', 'a'], /a and a both have argv\/one@arm/],
    ['one is of another seed', ['a', 'other'], /other is no part of the same: its seed is 2, that of a 1/],
    ['one is not there', ['a', 'none'], /none: there is no such file/],
    ['one did not come to its end', ['a', 'cut'], /cut: there is no results\.json in it/],
    ['none is named', [], /missing required argument 'runs'/],
  ])('where %s it ends with 2, and there is no folder', async (_, names, message) => {
    await ran('s1', [one], 1, shard(1));
    await ran('a', [one]);
    await ran('other', [two], 1, { seed: '2' });
    await mkdir(at('cut'));
    await writeJournal(at('cut'), [startOf([two])]);
    expect(await report('merge', ...names, '--out', 'all')).toBe(2);
    expect([written.stdout, written.stderr]).toEqual(['', expect.stringMatching(message)]);
    expect(await readdir(place.dir)).not.toContain('all');
  });

  test('does not write over a run', async () => {
    await ran('a', [one]);
    await ran('b', [two]);
    const before = await readFile(at('a/results.json'), 'utf8');
    expect(await report('merge', 'a', 'b', '--out', 'a')).toBe(2);
    expect(written.stderr).toMatch(/holds a run already/);
    expect(await readFile(at('a/results.json'), 'utf8')).toBe(before);
  });
});

describe('report trend', () => {
  test('says how each run came out, and which cells were not always the same', async () => {
    await remembered([one, two], [breached, two], [one]);
    await place.write('history/20260102000000-cut.json', '{');
    expect(await report('trend', '--history', 'history')).toBe(0);
    const lines = written.stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/^\S+Z-[0-9a-f]{6}/, 'ID'))).toEqual([
      ...['ID  2 of 2 as expected  41 s  seed 1, default', 'ID  1 of 2 as expected  41 s  seed 1, default'],
      ...['ID  1 of 1 as expected  41 s  seed 1, default', `${one.id}: held, breached, held`],
      '3 runs, 1 cells were not always the same, 0 gave two answers to one question',
    ]);
    expect(written.stderr).toMatch(/^left out of the history: 20260102000000-cut\.json: not JSON/);
  });

  test('with --json has standard output to itself', async () => {
    await remembered([one], [breached]);
    await writeFile(at('history/20260102000000-cut.json'), '{');
    expect(await report('trend', '--history', 'history', '--json')).toBe(0);
    expect(JSON.parse(written.stdout)).toMatchObject({
      ...{ schema: 1, runs: [{ asExpected: 1 }, { asExpected: 0 }] },
      cells: [{ id: one.id, verdicts: ['held', 'breached'] }],
    });
  });

  test.each(['none', 'empty'])('of a history that has not begun ends with 2: %s', async (name) => {
    await mkdir(at('empty'));
    expect(await report('trend', '--history', name)).toBe(2);
    expect([written.stdout, written.stderr]).toEqual([
      '',
      expect.stringMatching(new RegExp(`${name}: there is no run in it`)),
    ]);
  });
});

// The first plan reads every scenario there is, which takes its time on a busy machine.
describe('matrix', { timeout: 30_000 }, () => {
  const matrix = (out: string, change: Partial<CellResult>, ...words: string[]): Promise<number> => {
    const own = ['--scenario', 'argv/thread-rewrite', '--arch', 'arm', '--kernel', 'debian-6.1'];
    return main(['matrix', ...own, '--out', out, ...words], { INIT_CWD: place.dir }, running(change));
  };

  test('leaves a page of its run, without a trend where nobody keeps a history', async () => {
    expect(await matrix('run', {})).toBe(0);
    expect(await pageIn('run')).toMatchObject({
      cells: [{ id: 'argv/thread-rewrite@arm/debian-6.1', verdict: 'held' }],
      trend: null,
    });
    expect(await readdir(place.dir)).toEqual(['run']);
  });

  test('with --history keeps its run there, also one that is not as expected, and shows those before', async () => {
    await remembered([one]);
    expect(await matrix('run', { verdict: 'breached', asExpected: false }, '--history', 'history')).toBe(1);
    expect(await readdir(at('history'))).toHaveLength(2);
    const text = await readFile(at('history/20260101000000-20260101T000000Z-abcdef.json'), 'utf8');
    expect(resultsSchema.parse(JSON.parse(text)).cells).toMatchObject([
      { verdict: 'breached', console: null },
    ]);
    const { trend } = await pageIn('run');
    expect(trend?.runs.map(({ asExpected }) => asExpected)).toEqual([1, 0]);
    expect(trend?.changes).toMatchObject({
      ...{ gone: [one.id], added: ['argv/thread-rewrite@arm/debian-6.1'] },
    });
  });
});
