import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CellResult } from '../../lib/verdict.ts';
import type { JournalEntry } from '../../run/index.ts';
import { outcome, result, scenarioId, sha } from '../testing.ts';
import { readPastRun } from './past-run.ts';
import { cell, resumed, startOf, target, writeJournal } from './testing.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'pf-test-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const { id, seed } = outcome([]).run;
const swap = result();
const other = result({ scenario: scenarioId('argv/other') });
const elsewhere = result({ arch: 'mips' });
const start = startOf([swap, other, elsewhere]);
const write = (entries: readonly JournalEntry[], rest?: string) => writeJournal(dir, entries, rest);

test('has what was asked for, what each target booted with and what became of the cells', async () => {
  await write([start, target('arm/debian-6.1', 'p'), cell(swap), cell(other)]);
  const past = await readPastRun(dir);
  expect(past).toMatchObject({ run: { id, seed }, flags: { profile: 'quick' }, cwd: '/home/x' });
  expect([...past.payloads]).toEqual([['arm/debian-6.1', 'p']]);
  expect([...past.results.keys()]).toEqual([swap.id, other.id]);
});

test('a last line that was cut short is no entry', async () => {
  await write([start, cell(swap)], JSON.stringify(cell(other)).slice(0, -1));
  expect([...(await readPastRun(dir)).results.keys()]).toEqual([swap.id]);
});

test('what ran with another payload than the last is not there any more', async () => {
  const [was, is, mips] = [swap, other, elsewhere].map((one) => ({ ...one, plan: sha('1') })) as [
    ...[CellResult, CellResult, CellResult],
  ];
  const plans = Object.fromEntries([was, is, mips].map(({ id }) => [id, sha('1')]));
  await write([
    ...[start, target('arm/debian-6.1', 'p'), target('mips/debian-6.1', 'm'), cell(was), cell(mips)],
    ...[resumed(plans), target('arm/debian-6.1', 'q'), cell(is)],
    ...[resumed(plans), target('arm/debian-6.1', 'q')],
  ]);
  expect([...(await readPastRun(dir)).results.values()]).toEqual([mips, is]);
});

test('what was planned otherwise than the run went on is not there any more, nor what does not say how', async () => {
  const [was, is] = [
    { ...swap, plan: sha('1') },
    { ...swap, plan: sha('2') },
  ];
  const alike = { ...elsewhere, plan: sha('3') };
  const plans = { [swap.id]: sha('2'), [other.id]: sha('1'), [elsewhere.id]: sha('3') };
  await write([start, cell(was), cell(other), cell(alike), resumed(plans)]);
  expect([...(await readPastRun(dir)).results.values()]).toEqual([alike]);
  await write([start, cell(was), resumed(plans), cell(is)]);
  expect([...(await readPastRun(dir)).results.values()]).toEqual([is]);
  await write([start, cell(was)], '{"kind":"resumed","startedAt":"2026-01-01T00:00:00.000Z"}\n');
  expect([...(await readPastRun(dir)).results.values()]).toEqual([was]);
});

test.each([
  ['a damaged line', [start, cell(swap)], '{"kind":\n{"kind":"resumed"}\n', /line 3 is damaged/],
  ['an entry of another version', [start], '{"kind":"news"}\n{"kind":"news"}\n', /line 2 is damaged/],
  ['no start', [cell(swap)], '', /does not say what run/],
])('%s is refused with its place', async (_, entries, rest, message) => {
  await write(entries, rest);
  await expect(readPastRun(dir)).rejects.toMatchObject({
    code: 'bad-run-folder',
    message: expect.stringMatching(message),
  });
});

test('a folder without a run is refused', async () => {
  await expect(readPastRun(dir)).rejects.toMatchObject({
    code: 'bad-run-folder',
    message: expect.stringMatching(/ENOENT/),
  });
});
