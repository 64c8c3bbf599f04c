import { expect, test } from 'vitest';
import { FLAWS } from '../../src/lib/scenario.ts';
import { matrix } from '../vm/lab.ts';

const CELLS = ['x86_64', 'arm', 'mipsel'].flatMap((arch) =>
  FLAWS.map((flaw) => `planted/${flaw}@${arch}/debian-6.1`),
);

/** The lab's own control lane: one of these held would mean that nothing it calls held is worth anything. */
test('every bug that is planted in the warden is found, on three arches', async () => {
  await using run = await matrix(
    ...['--scenario', 'planted/*', '--arch', 'x86_64,arm,mipsel', '--kernel', 'debian-6.1'],
  );
  expect(run.status, run.stdout + run.stderr).toBe(0);
  const { cells } = await run.results();
  expect(cells.map(({ id }) => id).sort()).toEqual([...CELLS].sort());
  for (const cell of cells) {
    expect(cell.verdict, `${cell.id}: ${cell.reason}`).toBe('breached');
    expect(cell.expected, cell.id).toBe('breached');
    expect(cell.lanes.control?.breaches, cell.id).toBeGreaterThan(0);
    expect(cell.lanes.honest?.refused, cell.id).toBe(0);
    expect(cell.capsules.length, cell.id).toBeGreaterThan(0);
    // The flawed warden asks as the ordinary one does.
    expect(cell.backend, cell.id).toBe(cell.arch === 'mipsel' ? 'trace' : 'notify');
  }
});
