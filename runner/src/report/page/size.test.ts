import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ARCHES, cellFolder, kernelIdSchema, scenarioIdSchema } from '../../lib/ids.ts';
import type { CellResult } from '../../lib/verdict.ts';
import { type Folder, folder } from '../../plan/testing.ts';
import { trendOf } from '../history/trend.ts';
import { storedRunOf } from '../stored/stored-run.ts';
import { lane, outcome, result, sha } from '../testing.ts';
import { writePage } from './index.ts';
import type { PageData, PageTrend } from './page-data.ts';

const KERNELS = ['debian-6.1', 'debian-5.10', '4.10', '6.13'];

/** What `--profile full` may come to: a thousand cells, of which ten are breached and a twelfth has a reason. */
async function thousand(place: Folder): Promise<CellResult[]> {
  const cells: CellResult[] = [];
  for (let at = 0; at < 1000; at += 1) {
    const scenario = scenarioIdSchema.parse(`deep-args/some-scenario-${at % 50}`);
    const kernel = kernelIdSchema.parse(KERNELS[Math.floor(at / 250)]);
    const arch = ARCHES[Math.floor(at / 50) % ARCHES.length] ?? 'arm';
    const id = `${scenario}@${arch}/${kernel}`;
    const dir = cellFolder(id);
    const breached = at % 100 === 0;
    const files = { console: `${dir}/console.log`, capsules: [`${dir}/guarded-7.capsule.json`] };
    if (breached) await place.write(`${dir}/guarded-7.timeline.json`, timeline(id));
    const verdict = breached ? 'breached' : at % 12 === 0 ? 'unsupported' : 'held';
    cells.push(
      result({
        ...{ id, scenario, arch, kernel, verdict, kernelSource: 'package 6.1.170-1' },
        ...{ expected: breached ? 'held' : verdict, lanes: lanesOf(at), console: files.console },
        capsules: breached ? files.capsules : [],
      }),
    );
  }
  return cells;
}

/** Five times four and six schedules, as most scenarios have them, or the most that any has: six and twelve. */
function lanesOf(at: number): CellResult['lanes'] {
  const counts = (length: number, most: number) => Array.from({ length }, (_, seed) => (seed * 7) % most);
  const times = at % 10 === 0 ? [30, 60] : [20, 30];
  return {
    control: lane(counts(times[0] ?? 0, 11), 10, sha('1')),
    guarded: lane(counts(times[1] ?? 0, 3), 10, sha('2')),
    honest: lane(counts(10, 1), 5, sha('3')),
  };
}

function timeline(cell: string): string {
  const rows = Array.from({ length: 20 }, (_, row) => ({
    ...{ at: row / 1000, besideAt: row / 1000, track: 'kernel', breach: row === 12 },
    ...{
      firstDifference: row === 12,
      text: 'judged child 1 decision=allow rule=0 [witness GOOD] /bin/witness',
    },
  }));
  const of = { cell, lane: 'guarded', seed: '7', shape: 'single', beside: '8' };
  return JSON.stringify({ timeline: 1, ...of, rows });
}

/** As much code as the page has. */
const code = { script: `"${'x'.repeat(110_000)}"`, style: `/*${'x'.repeat(10_000)}*/` };

async function written(place: Folder, cells: CellResult[], trend: PageTrend | null) {
  const shownDir = 'reports/runs/20260101T000000Z-abcdef';
  const file = await writePage(storedRunOf(outcome(cells)), code, { dir: place.dir, shownDir, trend });
  expect(file).toBe(path.join(place.dir, 'report.html'));
  const html = await readFile(file, 'utf8');
  const [, text = ''] = html.match(/id="data">(.*)<\/script>\n<script type="module">/) ?? [];
  const data: PageData = JSON.parse(text);
  return { bytes: Buffer.byteLength(html), data };
}

function expectTimelines(data: PageData): void {
  expect(data.cells).toHaveLength(1000);
  const unexpected = data.cells.filter(({ asExpected }) => !asExpected);
  expect(unexpected).toHaveLength(10);
  for (const { timelines, lanes } of unexpected) {
    expect(timelines[0]?.rows).toHaveLength(20);
    expect(lanes.guarded?.counts).toHaveLength(60);
  }
}

const MIB = 1 << 20;

test('a page of a thousand cells stays under a MiB, with the timelines of those that nobody expects', async () => {
  await using place = await folder();
  const { bytes, data } = await written(place, await thousand(place), null);
  expect(bytes).toBeLessThan(MIB);
  expectTimelines(data);
  expect(data.notes).toEqual([]);
});

test('so it does behind sixty runs in which every rate moved, with the cells that flipped', async () => {
  await using place = await folder();
  const cells = await thousand(place);
  const runs = Array.from({ length: 60 }, (_, run) => run);
  const trend: PageTrend = {
    ...trendOf([]),
    cells: cells.map(({ id, verdict }, at) => ({
      id,
      verdicts: runs.map((run) => (at % 100 === 50 && run === 3 ? 'hung' : verdict)),
      control: runs.map((run) => (run + (at % 7)) / 1000),
    })),
  };
  const { bytes, data } = await written(place, cells, trend);
  expect(bytes).toBeLessThan(MIB);
  expectTimelines(data);
  const kept = data.trend?.cells ?? [];
  expect(kept.length).toBeLessThan(1000);
  expect(kept.filter(({ verdicts }) => verdicts.includes('hung'))).toHaveLength(10);
  expect(data.notes).toContain(
    `No room here for what ${1000 - kept.length} cells came to in the runs before.`,
  );
});
