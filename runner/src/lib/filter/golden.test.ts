import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { GOLDEN_FILE, goldenHeader } from './golden.ts';

it('the images that the loader is tested with are what the compiler writes', async () => {
  // Otherwise: npx tsx runner/src/lib/filter/golden.ts
  expect(await readFile(GOLDEN_FILE, 'utf8')).toBe(goldenHeader());
});
