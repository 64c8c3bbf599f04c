import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { certificateOf } from '../../lib/certificate.ts';
import type { CellResult } from '../../lib/verdict.ts';
import { type Folder, folder } from '../../plan/testing.ts';
import { type StoredRun, storedRunOf } from '../stored/stored-run.ts';
import { HOSTILE, lane, outcome, result, scenarioId } from '../testing.ts';
import type { TimelineFile } from '../timeline/index.ts';
import { dataText } from './html.ts';
import type { PageData } from './page-data.ts';
import { pageOf } from './page-of.ts';

let place: Folder;
beforeEach(async () => {
  place = await folder();
});
afterEach(() => place[Symbol.asyncDispose]());

const MUCH = 1 << 20;
const page = (run: StoredRun, changes: Partial<Parameters<typeof pageOf>[1]> = {}): Promise<PageData> =>
  pageOf(run, { dir: place.dir, shownDir: 'reports/runs/x', trend: null, roomBytes: MUCH, ...changes });
const pageOfCells = (...cells: CellResult[]) => page(storedRunOf(outcome(cells)));
const bytesOf = (data: PageData): number => Buffer.byteLength(dataText(data));

const CAPSULE = 'cells/x/guarded-7.capsule.json';
const row: TimelineFile['rows'][number] = {
  ...{ at: 0, besideAt: null, track: 'kernel', text: 'exec <child 1>', breach: true, firstDifference: false },
};
const timeline = (changes: Partial<TimelineFile> = {}): string =>
  JSON.stringify({
    ...{ timeline: 1, cell: 'x', lane: 'guarded', seed: '7', shape: 'single', beside: null, rows: [row] },
    ...changes,
  } satisfies TimelineFile);

describe('the run', () => {
  test('is what it says of itself, and one that did not end has neither time nor host', async () => {
    const stored = storedRunOf(outcome([result()], '18446744073709551615'));
    expect(await page(stored)).toMatchObject({
      run: { id: stored.run.id, seconds: 41.25, qemu: '10.0.2', cores: 2, seed: '18446744073709551615' },
      ...{ scenarios: { 'argv/swap': { claim: 'argv/swap is held.' } }, notes: [], trend: null },
    });
    const cut = { ...stored, run: { ...stored.run, seconds: null, host: null }, notes: ['cut'] };
    expect(await page(cut)).toMatchObject({
      run: { seconds: null, qemu: null, cores: null },
      notes: ['cut'],
    });
  });
});

describe('a cell', () => {
  test('has its column, its kernel and what to type for it', async () => {
    const id = 'argv/swap@arm/debian-6.1+trace';
    const { cells } = await pageOfCells(result({ id, seconds: 3.123, kernelSource: 'package 6.1.170-1' }));
    expect(cells[0]).toMatchObject({
      ...{ id, column: 'arm/debian-6.1+trace', seconds: 3.1 },
      kernel: '6.1.0-50-armmp, package 6.1.170-1',
      rerun: 'npm run matrix -- --scenario argv/swap --arch arm --kernel debian-6.1 --backend trace --seed 1',
    });
    const [unbooted] = (await pageOfCells(result({ kernelRelease: null }))).cells;
    expect(unbooted?.kernel).toBeNull();
  });

  test('has of its honest lane what was refused, and of the others what was breached', async () => {
    const lanes = {
      control: lane([9, 0, 3]),
      guarded: lane([0, 1]),
      honest: { ...lane([0, 0], 5), refused: 4 },
    };
    const { cells } = await pageOfCells(result({ lanes }));
    expect(cells[0]?.lanes).toEqual({
      control: { schedules: 3, trials: 30, crossed: 12, counts: [9, 0, 3] },
      guarded: { schedules: 2, trials: 20, crossed: 1, counts: [0, 1] },
      honest: { schedules: 2, trials: 10, crossed: 4, counts: [] },
    });
  });

  test('has its reason and findings cut, and how surely each breach comes back', async () => {
    const certificates = [certificateOf('5', { same: 3, breached: 3, of: 3 })];
    const said = 'breach of seed 5: deterministic: 3 of 3 repeats are the same to the bit';
    const findings = [said, ...Array.from({ length: 20 }, () => 'f'.repeat(5000))];
    const { cells } = await pageOfCells(
      result({ verdict: 'breached', reason: 'r'.repeat(5000), findings, certificates }),
    );
    expect([...(cells[0]?.reason ?? '')]).toHaveLength(600);
    expect(cells[0]?.findings).toHaveLength(8);
    expect([...(cells[0]?.findings[7] ?? '')]).toHaveLength(600);
    expect(cells[0]?.certificates).toEqual(['seed 5: deterministic: 3 of 3 repeats are the same to the bit']);
    // The run says the same among its findings; once is enough.
    expect(cells[0]?.findings.join()).not.toContain('3 of 3 repeats');
  });

  test('whatever its guest said of itself cannot fill the page', async () => {
    const said = HOSTILE.repeat(100_000);
    const cell = result({ reason: said, findings: [said], kernelRelease: said, backend: said });
    expect(bytesOf(await pageOfCells(cell))).toBeLessThan(16_384);
  });

  test('is replayed from where it lies, with the kernels and scenarios that the run had', async () => {
    const run = outcome([result({ capsules: [CAPSULE] })]);
    const rerun = ['--trials', '3', '--kernel-source', '4.10=/a tree', '--scenarios', 'own', '--seed', '1'];
    const { cells } = await page(storedRunOf({ ...run, run: { ...run.run, rerun } }));
    expect(cells[0]?.capsules).toEqual([
      {
        ...{ file: CAPSULE, lane: 'guarded', trace: null },
        replay: `npm run replay -- reports/runs/x/${CAPSULE} --kernel-source '4.10=/a tree' --scenarios own`,
      },
    ]);
  });
});

describe('files of a run', () => {
  test('are its traces and timelines beside the capsules, where they are there', async () => {
    const other = 'cells/x/control-8.capsule.json';
    await place.write('cells/x/guarded-7.trace.json', '{}');
    await place.write('cells/x/guarded-7.timeline.json', timeline());
    const { cells, notes } = await pageOfCells(result({ capsules: [CAPSULE, other], console: null }));
    expect(cells[0]?.capsules.map(({ lane, trace }) => [lane, trace])).toEqual([
      ['guarded', 'cells/x/guarded-7.trace.json'],
      ['control', null],
    ]);
    expect(cells[0]?.timelines).toEqual([
      { lane: 'guarded', seed: '7', shape: 'single', beside: null, rows: [row] },
    ]);
    expect(cells[0]?.console).toBeNull();
    expect(notes).toEqual([]);
  });

  test.each([
    ['cut', timeline().slice(0, -5)],
    ['of another version', timeline().replace('"timeline":1', '"timeline":2')],
    ['of something else', '[]'],
    ['empty', ''],
  ])('a timeline that is %s takes nothing else with it', async (_, text) => {
    await place.write('cells/x/guarded-7.timeline.json', text);
    await place.write('cells/x/guarded-8.timeline.json', timeline({ seed: '8' }));
    const capsules = [CAPSULE, CAPSULE.replace('7', '8')];
    const { cells } = await pageOfCells(result({ capsules }));
    expect(cells[0]?.timelines.map(({ seed }) => seed)).toEqual(['8']);
    expect(cells[0]?.capsules).toHaveLength(2);
  });

  test('a timeline whose words are as long as an attack likes is cut, not left out', async () => {
    await place.write(
      'cells/x/guarded-7.timeline.json',
      timeline({ rows: [{ ...row, text: 'x'.repeat(MUCH) }] }),
    );
    const { cells, notes } = await pageOfCells(result({ capsules: [CAPSULE] }));
    expect([...(cells[0]?.timelines[0]?.rows[0]?.text ?? '')]).toHaveLength(600);
    expect(notes).toEqual([]);
  });

  test.each([
    '../secret.capsule.json',
    'cells/../../secret.capsule.json',
    '..',
    '/etc/passwd',
    'file:///etc/passwd',
    'FILE:secret.capsule.json',
    'javascript:alert(1)',
  ])('%s is none of its own: neither read nor linked', async (name) => {
    const secret = timeline({ rows: [{ ...row, text: 'SECRET' }] });
    const dir = path.join(place.dir, 'run');
    for (const file of ['secret.timeline.json', 'secret.trace.json', 'secret.capsule.json']) {
      await place.write(file, secret);
      await place.write(`run/FILE:${file}`, secret);
    }
    const cell = result({ verdict: 'breached', capsules: [name], console: name });
    const data = await page(storedRunOf(outcome([cell])), { dir });
    expect(data.cells[0]).toMatchObject({ capsules: [], console: null, timelines: [] });
    expect(JSON.stringify(data)).not.toMatch(/SECRET|secret|passwd|root:|alert/);
  });
});

describe('a console', () => {
  const unexpected = result({ verdict: 'crashed', console: 'cells/x/console.log' });

  test('has its end on the page, a character for each byte, with long lines cut', async () => {
    const bytes = Buffer.concat([
      Buffer.from('first line\n'.repeat(1000)),
      Buffer.from([0xe9, 0x1b, 0x5b, 0x32, 0x4a, 0xff, 0x00, 0xc3, 0x28, 0x0a]),
      Buffer.from(`${'y'.repeat(1000)}\nlast`),
    ]);
    await writeFile(await place.write('cells/x/console.log', ''), bytes);
    const tail = (await pageOfCells(unexpected)).cells[0]?.console?.tail ?? '';
    const lines = tail.split('\n');
    expect(lines.slice(-3)).toEqual(['\u00e9\u001b[2J\u00ff\u0000\u00c3(', `${'y'.repeat(399)}…`, 'last']);
    // 4096 bytes of it: those above, and the ends of lines before.
    expect(tail.length).toBe(4096 - 600);
    expect(lines[1]).toBe('first line');
  });

  test('that is short is there whole, and one that is missing is named all the same', async () => {
    const [without] = (await pageOfCells(unexpected)).cells;
    expect(without?.console).toEqual({ file: 'cells/x/console.log', tail: null });
    await place.write('cells/x/console.log', 'Kernel panic\n');
    const [cell] = (await pageOfCells(unexpected)).cells;
    expect(cell?.console).toEqual({ file: 'cells/x/console.log', tail: 'Kernel panic\n' });
  });

  test('of a cell that came out as expected is named alone', async () => {
    await place.write('cells/x/console.log', 'Kernel panic\n');
    const [cell] = (await pageOfCells({ ...unexpected, asExpected: true })).cells;
    expect(cell?.console).toEqual({ file: 'cells/x/console.log', tail: null });
  });
});

describe('where there is not room for everything', () => {
  /** All of one size: the expected ones, whose consoles nobody needs, have timelines of as much more. */
  async function cellsWithFiles(): Promise<CellResult[]> {
    const kinds = [
      ['argv/a', 'held', true],
      ['argv/b', 'breached', true],
      ['argv/c', 'crashed', false],
      ['argv/d', 'held', true],
      ['argv/e', 'breached', false],
    ] as const;
    const cells: CellResult[] = [];
    for (const [scenario, verdict, asExpected] of kinds) {
      const dir = `cells/${path.basename(scenario)}`;
      const rows = [{ ...row, text: '<'.repeat(asExpected ? 300 : 150) }];
      await place.write(`${dir}/guarded-7.timeline.json`, timeline({ rows }));
      await place.write(`${dir}/console.log`, '<'.repeat(150));
      const files = { capsules: [`${dir}/guarded-7.capsule.json`], console: `${dir}/console.log` };
      cells.push(result({ scenario: scenarioId(scenario), verdict, asExpected, ...files }));
    }
    return cells;
  }
  const filled = ({ cells }: PageData): string[] =>
    cells.flatMap(({ scenario, timelines }) => (timelines.length > 0 ? [scenario] : []));

  test('unexpected cells go before expected ones and breaches before others, within the bytes', async () => {
    const run = storedRunOf(outcome(await cellsWithFiles()));
    const bare = bytesOf(await page(run, { roomBytes: 0 }));
    const order = ['argv/e', 'argv/c', 'argv/b', 'argv/a', 'argv/d'];
    const seen = new Set<number>();
    for (let room = bare; seen.size <= order.length; room += 50) {
      const data = await page(run, { roomBytes: room });
      const has = filled(data);
      seen.add(has.length);
      expect(has.toSorted()).toEqual(order.slice(0, has.length).toSorted());
      // The note that says so is its frame's to hold.
      expect(bytesOf({ ...data, notes: [] })).toBeLessThanOrEqual(room);
      const left = order.length - has.length;
      if (left === 0) break;
      expect(data.notes).toEqual([expect.stringContaining(`No room here for what ${left} cells have`)]);
    }
    expect(seen).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    expect((await page(run)).notes).toEqual([]);
  });

  test('the plain facts are there even so, in the order of the plan', async () => {
    const cells = await cellsWithFiles();
    const data = await page(storedRunOf(outcome(cells)), { roomBytes: -1000 });
    expect(data.cells.map(({ id }) => id)).toEqual(cells.map(({ id }) => id));
    expect(data.cells[4]).toMatchObject({
      timelines: [],
      console: { tail: null },
      capsules: [{ trace: null }],
    });
  });

  test('a cell that has nothing is not one that had no room', async () => {
    const run = storedRunOf(outcome([result()]));
    expect((await page(run, { roomBytes: 0 })).notes).toEqual([]);
  });
});
