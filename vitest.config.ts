import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** A guest has one processor, and keeps one of the host's busy. */
const GUESTS_AT_ONCE = Math.min(4, availableParallelism());

/** With empty caches much is built first, and a neighbour may be building a kernel. What hangs is ended by its own limit long before. */
const WITH_BUILDS_MS = 1_800_000;

/** Kinds of tests, told apart by what they need: nothing, processes of the host, a browser, a guest, all there is, or hours. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['runner/src/**/*.test.ts', 'reports/page/**/*.test.ts'],
          // A busy neighbour is no failure.
          testTimeout: 60_000,
        },
      },
      { test: { name: 'process', include: ['runner/test/process/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'browser', include: ['runner/test/browser/**/*.test.ts'], testTimeout: 300_000 } },
      {
        test: {
          name: 'vm',
          include: ['runner/test/vm/**/*.test.ts'],
          testTimeout: WITH_BUILDS_MS,
          hookTimeout: WITH_BUILDS_MS,
          maxWorkers: GUESTS_AT_ONCE,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'matrix',
          include: ['runner/test/matrix/**/*.test.ts'],
          testTimeout: WITH_BUILDS_MS,
          hookTimeout: WITH_BUILDS_MS,
          // Each has as many guests as there are processors.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      // Left out of `npm test`; `npm run test:kernels` runs it.
      {
        test: {
          name: 'kernels',
          include: ['runner/test/kernels/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      // Left out as well; `npm run test:mutants` runs it.
      {
        test: {
          name: 'mutants',
          include: ['runner/test/mutants/**/*.test.ts'],
          testTimeout: WITH_BUILDS_MS,
          hookTimeout: WITH_BUILDS_MS,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
