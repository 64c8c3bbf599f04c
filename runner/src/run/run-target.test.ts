import PQueue from 'p-queue';
import { expect, test } from 'vitest';
import { bootKey } from '../guest/index.ts';
import { judgeCell, weigh } from '../judge/index.ts';
import { cell as exampleCell } from '../judge/testing.ts';
import { openCache } from '../lib/cache.ts';
import { machines } from '../lib/machines/index.ts';
import type { Payload } from '../lib/payload.ts';
import type { Cell, CellResult } from '../lib/verdict.ts';
import { folder } from '../plan/testing.ts';
import { result } from '../report/testing.ts';
import { Journal } from './journal.ts';
import { type Provisioned, runTarget } from './run-target.ts';

const cell: Cell = { ...exampleCell, plan: 'as it is' };

const gone: Provisioned = { ok: false, reason: 'no mirror', hint: 'try later' };

/** What becomes of the cell when this is what is known of it, and of what its target booted with. Nothing is started. */
async function resumed(
  known: CellResult,
  { had = gone, payloads = new Map() }: { had?: Provisioned; payloads?: Map<string, string> } = {},
): Promise<CellResult | undefined> {
  await using place = await folder();
  await using journal = await Journal.open(place.dir);
  const past = { startedAt: '', payloads, results: new Map([[cell.id, known]]) };
  const [only] = await runTarget(cell, [cell], async () => had, {
    ...{
      seed: '1',
      outDir: place.dir,
      signal: AbortSignal.abort(new Error('it is to boot')),
      onProgress: () => undefined,
    },
    ...{ judge: judgeCell, weigh, render: { trace: () => '', timeline: () => '' }, journal, past },
    ...{
      cache: openCache({ XDG_CACHE_HOME: place.dir }),
      inputs: new Map(),
      qemu: new Map([[cell.arch, '10.0.2']]),
    },
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

test('what booted with as much memory stands, and with another it is run again', async () => {
  const machine = machines[cell.arch];
  const payload: Payload = {
    ...{ target: cell, machine, key: 'the same', kernelImage: '/k', initramfs: '/i', parameters: [] },
    ...{ kernelRelease: 'r', kernelSource: 's', programs: new Map(), attacks: new Map() },
  };
  const known = result({ id: cell.id, plan: 'as it is' });
  const inputs = bootKey(payload, cell.mode, { version: '10.0.2' });
  const payloads = new Map([[`${cell.arch}/${cell.kernel}`, inputs]]);
  expect(await resumed(known, { had: { ok: true, payload }, payloads })).toBe(known);
  const larger = { ...payload, machine: { ...machine, memoryMiB: machine.memoryMiB + 1 } };
  await expect(resumed(known, { had: { ok: true, payload: larger }, payloads })).rejects.toThrow(
    'it is to boot',
  );
});
