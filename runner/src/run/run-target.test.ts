import PQueue from 'p-queue';
import { expect, test } from 'vitest';
import { judgeCell, weigh } from '../judge/index.ts';
import { cell as exampleCell } from '../judge/testing.ts';
import { openCache } from '../lib/cache.ts';
import type { Cell, CellResult } from '../lib/verdict.ts';
import { folder } from '../plan/testing.ts';
import { result } from '../report/testing.ts';
import { Journal } from './journal.ts';
import { runTarget } from './run-target.ts';

const cell: Cell = { ...exampleCell, plan: 'as it is' };

/** What becomes of the cell on a target that cannot be had any more, when this is what is known of it. */
async function resumed(known: CellResult): Promise<CellResult | undefined> {
  await using place = await folder();
  await using journal = await Journal.open(place.dir);
  const provision = async () => ({ ok: false, reason: 'no mirror', hint: 'try later' }) as const;
  const past = { startedAt: '', payloads: new Map(), results: new Map([[cell.id, known]]) };
  const [only] = await runTarget(cell, [cell], provision, {
    ...{ seed: '1', outDir: place.dir, signal: new AbortController().signal, onProgress: () => undefined },
    ...{ judge: judgeCell, weigh, render: { trace: () => '', timeline: () => '' }, journal, past },
    ...{ cache: openCache({ XDG_CACHE_HOME: place.dir }), inputs: new Map(), qemu: new Map() },
    queue: new PQueue(),
  });
  return only;
}

test.each([
  ['as it is', 'held', true],
  ['as it was', 'unavailable', false],
  [undefined, 'unavailable', false],
])(
  'what an earlier part of the run has seen stands where it was planned alike: %s',
  async (plan, verdict, kept) => {
    const known = result({ id: cell.id, ...(plan && { plan }) });
    const left = await resumed(known);
    expect(left).toMatchObject({ id: cell.id, verdict, plan: cell.plan });
    expect(left === known).toBe(kept);
  },
);
