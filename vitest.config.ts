import { defineConfig } from 'vitest/config';

/** Kinds of tests, told apart by what they need: nothing, processes of the host, a browser, a guest, or hours. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['runner/src/**/*.test.ts', 'reports/page/**/*.test.ts'] } },
      { test: { name: 'process', include: ['runner/test/process/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'browser', include: ['runner/test/browser/**/*.test.ts'], testTimeout: 300_000 } },
      {
        test: {
          name: 'vm',
          include: ['runner/test/vm/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          // Guests that boot at once starve each other on few cores.
          fileParallelism: false,
        },
      },
      // Left out of `npm test`; `npm run test:kernels` runs it.
      { test: { name: 'kernels', include: ['runner/test/kernels/**/*.test.ts'], fileParallelism: false } },
    ],
  },
});
