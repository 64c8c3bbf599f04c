import { expect, test } from 'vitest';
import { matrix } from '../vm/lab.ts';

/** Calls are held from 6.13 on only (docs/hooks.md), and packaged kernels are not built for x32 (docs/warden.md). */
const NOWHERE = ['hooks/hold-calls', 'hooks/x32-arguments', 'hooks/x32-deeds', 'hooks/x32-number'];

/** Of more than a hundred cells on a machine that has other things to do. */
const LIMIT_MS = 1_800_000;

// Each scenario holds somewhere, with an attack that has teeth, and is breached nowhere.
test(
  'the hooks see, gate and do what they promise, and tell what the kernel did, on three arches',
  async () => {
    await using run = await matrix(
      ...['--profile', 'hooks', '--arch', 'x86_64,arm,mipsel', '--kernel', 'debian-6.1'],
    );
    expect(run.status, run.stdout + run.stderr).toBe(0);
    const { cells, summary } = await run.results();
    expect(summary.held + summary.unsupported).toBe(cells.length);
    const held = cells.filter(({ verdict }) => verdict === 'held');
    const somewhere = new Set(held.map(({ scenario }) => scenario));
    const rest = new Set(cells.map(({ scenario }) => scenario).filter((name) => !somewhere.has(name)));
    expect([...rest]).toEqual(NOWHERE);
    for (const { id, lanes } of held) expect(lanes.control?.breaches, id).toBeGreaterThan(0);
  },
  LIMIT_MS,
);
