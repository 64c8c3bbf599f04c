import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../lib/errors.ts';
import { type Folder, folder } from '../../plan/testing.ts';
import { resultsSchema } from '../results-schema.ts';
import { HOSTILE, result, resultsOfRun } from '../testing.ts';
import { type HistoryOptions, historyName, keepInHistory, readHistory } from './history.ts';

let place: Folder;
beforeEach(async () => {
  place = await folder();
});
afterEach(() => place[Symbol.asyncDispose]());

const runAt = (startedAt: string, id = startedAt) => resultsOfRun([result()], { id, startedAt });
const [early, middle, late] = [
  runAt('2026-01-01T00:00:00.000Z', 'z'),
  runAt('2026-01-02T00:00:00.000Z', 'y'),
  runAt('2026-02-01T00:00:00.000Z', 'x'),
];
const idsOf = async (options?: HistoryOptions): Promise<string[]> =>
  (await readHistory(place.dir, options)).runs.map(({ run }) => run.id);

describe('what is kept of a run', () => {
  test('is one line that is results of this version, without what its folder alone explains', async () => {
    const files = { findings: ['f'], capsules: ['cells/x/guarded-1.capsule.json'], console: 'c.log' };
    const targets = { 'arm/debian-6.1': { inputs: 'i' } };
    const results = resultsOfRun([result(files)], {}, { targets });
    const file = await keepInHistory(path.join(place.dir, 'a/new/one'), results);
    const text = await readFile(file, 'utf8');
    expect(text.trimEnd()).not.toContain('\n');
    expect(resultsSchema.parse(JSON.parse(text))).toEqual({
      ...results,
      scenarios: {},
      cells: results.cells.map((cell) => ({ ...cell, findings: [], capsules: [], console: null })),
    });
  });

  test('does not grow with what its guests had to say in findings', async () => {
    const loud = resultsOfRun([
      result({ findings: [HOSTILE.repeat(10_000)], capsules: ['c'.repeat(10_000)] }),
    ]);
    expect((await readFile(await keepInHistory(place.dir, loud))).length).toBeLessThan(2000);
  });

  test('is one file, however often it is kept, and the last one', async () => {
    await keepInHistory(place.dir, early);
    await keepInHistory(place.dir, { ...early, run: { ...early.run, seconds: 7 } });
    const { runs } = await readHistory(place.dir);
    expect(runs.map(({ run }) => run.seconds)).toEqual([7]);
    expect(await readdir(place.dir)).toEqual([historyName(early)]);
  });

  test('has a name of its own that leads nowhere else', () => {
    expect(historyName(early)).toBe('20260101000000-z.json');
    expect(historyName(runAt('2026-01-01T00:00:00.000Z', '../../etc/x\n'))).toBe(
      '20260101000000-.._.._etc_x_.json',
    );
  });

  test('needs a folder that can be one', async () => {
    const file = await place.write('file', '');
    await expect(keepInHistory(path.join(file, 'x'), early)).rejects.toThrow(UserError);
    await expect(readHistory(file)).rejects.toMatchObject({ code: 'bad-history' });
  });
});

describe('a history', () => {
  test('goes by time, whenever its runs were kept and whatever they are called', async () => {
    for (const run of [late, early, middle]) await keepInHistory(place.dir, run);
    expect(await idsOf()).toEqual(['z', 'y', 'x']);
  });

  test('is of the newest so many', async () => {
    for (const run of [late, early, middle]) await keepInHistory(place.dir, run);
    expect(await idsOf({ most: 2 })).toEqual(['y', 'x']);
  });

  test('is of those before a run, of which the newest are not the newest of all', async () => {
    for (const run of [late, early, middle]) await keepInHistory(place.dir, run);
    expect(await idsOf({ before: middle, most: 1 })).toEqual(['z']);
    expect(await idsOf({ before: late })).toEqual(['z', 'y']);
  });

  test('has not begun where there is no folder, nor where it is empty', async () => {
    expect(await readHistory(path.join(place.dir, 'none'))).toEqual({ runs: [], notes: [] });
    expect(await readHistory(place.dir)).toEqual({ runs: [], notes: [] });
  });

  test('leaves out what is none of its own, says so of what looks like it, and has the rest', async () => {
    for (const run of [early, late]) await keepInHistory(place.dir, run);
    const whole = await readFile(path.join(place.dir, historyName(early)), 'utf8');
    await place.write('20260103000000-cut.json', whole.slice(0, 100));
    await place.write('20260104000000-old.json', whole.replace('"schema":3', '"schema":2'));
    await mkdir(path.join(place.dir, '20260105000000-folder.json'));
    await place.write('notes.txt', 'mine');
    await place.write('.20260101000000-z.json.abcdef', whole);
    const { runs, notes } = await readHistory(place.dir);
    expect(runs.map(({ run }) => run.id)).toEqual(['z', 'x']);
    expect(notes).toEqual([
      expect.stringMatching(/^left out of the history: 20260103000000-cut\.json: not JSON, or not all of it/),
      expect.stringMatching(/^left out of the history: 20260104000000-old\.json: no results of this version/),
      expect.stringMatching(/^left out of the history: 20260105000000-folder\.json: .*EISDIR/),
    ]);
  });
});
