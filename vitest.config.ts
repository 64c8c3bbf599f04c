import { defineConfig } from 'vitest/config';

/** Three kinds of tests, told apart by what they need: nothing, processes of the host, or a guest. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['runner/src/**/*.test.ts'] } },
      { test: { name: 'process', include: ['runner/test/process/**/*.test.ts'], testTimeout: 60_000 } },
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
    ],
  },
});
