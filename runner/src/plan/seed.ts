import { createHash } from 'node:crypto';

/**
 * The seed of a cell's schedule `index` (from 0): 63 bits, decimal, stable over machines and versions.
 *
 * The lane is left out on purpose: control, guarded and honest run on the same seeds, so that what held was
 * breached under the very same schedule without its defence. The cell is in, so that cells do not share luck.
 */
export function scheduleSeed(runSeed: string, cell: string, index: number): string {
  const hash = createHash('sha256')
    .update(`photofinish schedule seed\n${runSeed}\n${cell}\n${index}\n`)
    .digest();
  const seed = hash.readBigUInt64BE(0) >> 1n;
  // Some generators stand still on 0.
  return (seed === 0n ? 1n : seed).toString();
}
