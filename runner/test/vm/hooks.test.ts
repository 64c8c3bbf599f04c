import { expect, test } from 'vitest';
import { matrix } from './lab.ts';

test('the hooks see, gate and do what they promise on three arches', async () => {
  await using run = await matrix(
    ...['--profile', 'quick', '--scenario', 'hooks/*,scope/*'],
    ...['--arch', 'x86_64,arm,mipsel', '--kernel', 'debian-6.1'],
  );
  expect(run.status, run.stdout + run.stderr).toBe(0);
  const { cells, summary } = await run.results();
  expect(summary.held + summary.unsupported).toBe(cells.length);
  const held = cells.filter(({ verdict }) => verdict === 'held');
  expect(new Set(held.map(({ scenario }) => scenario)).size).toBe(
    new Set(cells.map(({ scenario }) => scenario)).size,
  );
  for (const { id, lanes } of held) expect(lanes.control?.breaches, id).toBeGreaterThan(0);
});
