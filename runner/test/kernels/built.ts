import { expect } from 'vitest';
import type { Arch } from '../../src/lib/ids.ts';
import { matrix, verdicts } from '../vm/lab.ts';

/** The distribution's own kernel source, which is there where no release is: what proves the builder. */
const KERNEL = 'source-6.1';
/** Five CPU minutes on a machine that has nothing else to do. */
export const BUILD_LIMIT_MS = 2_400_000;

/** Builds it for an arch unless the cache has it, and runs every scenario on it twice. */
export async function holdsOn(arch: Arch): Promise<void> {
  const words = ['--profile', 'quick', '--arch', arch, '--kernel', KERNEL, '--seed', '11'];
  await using first = await matrix(...words);
  expect(first.status, first.stdout + first.stderr).toBe(0);
  const results = await first.results();
  const found = verdicts(results);
  expect(Object.keys(found).length).toBeGreaterThanOrEqual(4);
  expect(new Set(Object.values(found)), JSON.stringify(found)).toEqual(new Set(['held']));
  for (const cell of results.cells) {
    expect(cell.kernelRelease).toMatch(/^6\.1\./);
    expect(cell.lanes.control?.breaches, cell.id).toBeGreaterThan(0);
  }
  await using again = await matrix(...words);
  const digests = ({ cells }: typeof results) =>
    cells.flatMap(({ lanes }) => Object.values(lanes).map((lane) => lane?.digest));
  expect(digests(await again.results())).toEqual(digests(results));
}
