import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HOSTILE, result, resultsOfRun, scenarioId, sha } from '../testing.ts';
import { readStoredRun } from './stored-run.ts';
import { cell, line, resumed, startOf, target, writeJournal } from './testing.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'pf-test-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const swap = result();
const other = result({ scenario: scenarioId('argv/other'), verdict: 'breached' });
const elsewhere = result({ arch: 'mips' });
const start = startOf([swap, other, elsewhere]);
const CUT = 'This run did not come to its end.';
const read = () => readStoredRun(dir, '/');

describe('a run that came to its end', () => {
  test('is what its results.json says, whatever the journal beside it holds', async () => {
    const targets = { 'arm/debian-6.1': { inputs: 'i' } };
    const results = resultsOfRun([swap, other], { seed: '7' }, { targets });
    await writeFile(path.join(dir, 'results.json'), JSON.stringify(results));
    await writeJournal(dir, [start], 'noise\n');
    const stored = await read();
    expect(stored).toMatchObject({ run: { seed: '7', seconds: 41.25, host: { cores: 2 } }, targets });
    expect(stored.cells).toEqual([swap, other]);
    expect(stored.notes).toEqual([]);
  });

  test('has a results.json of this version, or is refused', async () => {
    const old = { ...resultsOfRun([swap]), schema: 2 };
    await writeFile(path.join(dir, 'results.json'), JSON.stringify(old));
    await writeJournal(dir, [start, cell(swap)]);
    await expect(read()).rejects.toMatchObject({ code: 'bad-results' });
  });
});

describe('a run that was interrupted', () => {
  test('has the cells that were judged, in the order of the plan, and says that some are missing', async () => {
    await writeJournal(dir, [start, target('arm/debian-6.1', 'p'), cell(other), cell(swap)]);
    expect(await read()).toEqual({
      run: { ...start.run, seconds: null, host: null },
      cells: [swap, other],
      scenarios: {},
      targets: { 'arm/debian-6.1': { inputs: 'p' } },
      notes: [CUT, '1 of its cells have no result.'],
    });
  });

  test('at its very end lost nothing but that', async () => {
    await writeJournal(dir, [start, cell(swap), cell(other), cell(elsewhere)]);
    expect((await read()).notes).toEqual([CUT]);
  });

  test('keeps what a cell came to last, and what its target booted with last', async () => {
    const first = { ...swap, plan: sha('1') };
    const again = { ...first, seconds: 9 };
    await writeJournal(dir, [
      ...[start, target('arm/debian-6.1', 'p'), cell(first)],
      ...[resumed({ [swap.id]: sha('1') }), target('arm/debian-6.1', 'q'), cell(again)],
    ]);
    const { cells, targets } = await read();
    expect(cells).toEqual([again]);
    expect(targets).toEqual({ 'arm/debian-6.1': { inputs: 'q' } });
  });
});

test('a run that goes on with other plans has not what was made by those before, and claims what they claim', async () => {
  const [was, alike] = [
    { ...swap, plan: sha('1') },
    { ...other, plan: sha('3') },
  ];
  const claims = { [swap.scenario]: { claim: 'The new one.' } };
  const plans = { [swap.id]: sha('2'), [other.id]: sha('3') };
  await writeJournal(dir, [start, cell(was), cell(alike), resumed(plans, claims)]);
  const { cells, scenarios } = await read();
  expect(cells).toEqual([alike]);
  expect(scenarios).toEqual(claims);
});

describe('of a journal that is damaged the rest is read', () => {
  test('where its last line was cut short', async () => {
    await writeJournal(dir, [start, cell(swap)], line(cell(other)).slice(0, -20));
    const { cells, notes } = await read();
    expect(cells).toEqual([swap]);
    expect(notes).toEqual([
      ...[CUT, '2 of its cells have no result.'],
      'Damaged or of another version, and left out: line 3 of the journal.',
    ]);
  });

  test('where a line in its middle is half a line, with the next one behind it', async () => {
    const half = line(cell(swap)).slice(0, 200) + line(cell(swap));
    await writeJournal(dir, [start], half + line(cell(other)) + line(cell(elsewhere)));
    const { cells, notes } = await read();
    expect(cells).toEqual([other, elsewhere]);
    expect(notes.at(-1)).toBe('Damaged or of another version, and left out: line 2 of the journal.');
  });

  test('where lines are of another version, and not all of them are told one by one', async () => {
    const news = line({ kind: 'news' });
    const grown = line({ kind: 'cell', result: { ...swap, mood: 'good' } });
    const later = line({ ...start, schema: 99 });
    const rest = [news, grown, later, '\n\n\n', line(cell(other)), '\0\0'].join('');
    await writeJournal(dir, [start], rest);
    const { cells, notes } = await read();
    expect(cells).toEqual([other]);
    expect(notes.at(-1)).toBe(
      'Damaged or of another version, and left out: line 2, 3, 4, 5, 6 and 2 more of the journal.',
    );
  });

  test('up to where another run begins', async () => {
    const foreign = startOf([swap, other, elsewhere], { id: 'another' });
    await writeJournal(dir, [start, cell(swap), foreign, cell({ ...swap, seconds: 99 }), cell(other)], '{');
    const { run, cells, notes } = await read();
    expect(run.id).toBe(start.run.id);
    expect(cells).toEqual([swap]);
    expect(notes).toEqual([
      ...[CUT, '2 of its cells have no result.'],
      'From line 3 on the journal is of another run, another: left out.',
    ]);
  });

  test('but for cells that its plan has not', async () => {
    const stray = result({ scenario: scenarioId('argv/stray') });
    await writeJournal(dir, [start, cell(stray), cell(swap)]);
    const { cells, notes } = await read();
    expect(cells).toEqual([swap]);
    expect(notes.at(-1)).toBe(`Not of its plan, and left out: ${stray.id}.`);
  });

  test('and what is left out cannot fill a page with its names', async () => {
    const strays = Array.from({ length: 200 }, (_, at) => cell(result({ id: `${at}${'x'.repeat(10_000)}` })));
    const foreign = startOf([], { id: 'y'.repeat(1 << 20) });
    await writeJournal(dir, [start, ...strays, cell(swap), foreign]);
    const { cells, notes } = await read();
    expect(cells).toEqual([swap]);
    expect(notes.join('\n').length).toBeLessThan(4000);
    expect(notes.at(-1)).toMatch(/and 195 more\.$/);
  });

  test('with lines of megabytes, and whatever a guest has said', async () => {
    const rude = `${HOSTILE}</script><img src=x onerror=alert(1)>\u2028\u2029\u2066`;
    const loud = { ...swap, reason: rude.repeat(50_000), findings: [rude] };
    const said = { cell: swap.id, index: 0, record: { events: [rude.repeat(100_000)] } };
    await writeJournal(
      dir,
      [start],
      line({ kind: 'schedule', ...said }) + line(cell(loud)) + line(cell(other)),
    );
    const { cells, notes } = await read();
    // No line of JSON holds half a character but as an escape, so nothing of it is lost.
    expect(cells).toEqual([loud, other]);
    expect(notes).toEqual([CUT, '1 of its cells have no result.']);
  });
});

describe('what no run can be had from is refused', () => {
  test.each([
    ['a journal without a start', [cell(swap)], ''],
    ['one whose start is of another version', [], line({ ...start, schema: 2 }) + line(cell(swap))],
    ['one whose start was cut', [], line(start).slice(0, 50)],
    ['an empty one', [], ''],
  ])('%s', async (_, entries, rest) => {
    await writeJournal(dir, entries, rest);
    await expect(read()).rejects.toMatchObject({
      code: 'bad-run-folder',
      message: expect.stringMatching(/does not say, in this version's words, what run it is of/),
    });
  });

  test('a folder with neither', async () => {
    await expect(read()).rejects.toMatchObject({
      code: 'bad-run-folder',
      message: expect.stringMatching(/journal\.ndjson.*ENOENT/),
    });
  });
});
