import { afterEach, beforeEach, vi } from 'vitest';
import { type KernelId, kernelIdSchema } from '../lib/ids.ts';
import type { Cell, CellResult } from '../lib/verdict.ts';
import type { Catalogue, CatalogueKernel } from '../provision/index.ts';
import { outcome, result } from '../report/testing.ts';
import type { Stages } from './stages.ts';

/** Commands without what they start, for tests. */

/** What a test's commands have written; each test begins with nothing. */
export function writtenByCommands(): { stdout: string; stderr: string } {
  const written = { stdout: '', stderr: '' };
  beforeEach(() => {
    written.stdout = '';
    written.stderr = '';
    for (const name of ['stdout', 'stderr'] as const) {
      vi.spyOn(process[name], 'write').mockImplementation((text) => {
        written[name] += String(text);
        return true;
      });
    }
  });
  afterEach(() => void vi.restoreAllMocks());
  return written;
}

export type RunOptions = Parameters<Stages['runMatrix']>[0];
const id = kernelIdSchema.parse('debian-6.1');

const built = (name: string): CatalogueKernel => ({
  ...{ kind: 'source', id: kernelIdSchema.parse(name), about: 'built for tests', newestGcc: 12 },
  ...{ sibling: kernelIdSchema.parse(name), parameters: [], slowness: 1 },
  source: { version: name, url: 'https://kernel.example/linux.tar.xz', sha256: '0'.repeat(64) },
  arches: { x86_64: ARCH, arm: ARCH, mips: ARCH, mipsel: ARCH },
});
const ARCH = { target: 'zImage', image: 'zImage', make: [], edits: [], config: [] };
/** The kernels that scenarios/matrix.yaml names. */
const catalogue: Catalogue = new Map<KernelId, CatalogueKernel>([
  [
    id,
    {
      ...{ kind: 'packaged', id, about: 'for tests', suites: ['x'] },
      packages: { x86_64: 'a', arm: 'b', mipsel: 'c' },
    },
  ],
  ...['4.10', '6.13', '4.10-debug', '6.13-debug'].map((name): [KernelId, CatalogueKernel] => [
    kernelIdSchema.parse(name),
    built(name),
  ]),
]);

/** Stages that answer what a test wants; one that is not expected to be reached fails it. */
export function stages(changes: Partial<Stages> = {}): Stages {
  const unexpected = (name: string) => async () => {
    throw new Error(`${name} was reached`);
  };
  return {
    loadCatalogue: async () => catalogue,
    provisionTarget: unexpected('provisionTarget'),
    checkKernelSources: unexpected('checkKernelSources'),
    buildKernel: unexpected('buildKernel'),
    fetchKernelSource: unexpected('fetchKernelSource'),
    kernelStates: unexpected('kernelStates'),
    packKernel: unexpected('packKernel'),
    importKernel: unexpected('importKernel'),
    runMatrix: unexpected('runMatrix'),
    replay: unexpected('replay'),
    search: unexpected('search'),
    openShell: unexpected('openShell'),
    learn: unexpected('learn'),
    pageCode: async () => ({ script: '', style: '' }),
    benchFork: unexpected('benchFork'),
    benchWarden: unexpected('benchWarden'),
    benchHooks: unexpected('benchHooks'),
    benchLearn: unexpected('benchLearn'),
    ...changes,
  };
}

/** What a cell comes out as. */
export const ranAs = (
  { id, scenario, arch, kernel, expected, plan }: Cell,
  change: Partial<CellResult>,
): CellResult =>
  result({ id, scenario: scenario.id, arch, kernel, expected, ...(plan && { plan }), ...change });

/** A run in which every cell comes out alike. */
export const running = (change: Partial<CellResult>, seen: RunOptions[] = []) =>
  stages({
    runMatrix: async (options) => {
      seen.push(options);
      const cells = options.cells.map((cell) => ranAs(cell, change));
      for (const cell of cells) options.onProgress({ kind: 'cell-done', result: cell });
      const whole = outcome(cells, options.seed);
      return { ...whole, run: { ...whole.run, rerun: options.rerun } };
    },
  });
