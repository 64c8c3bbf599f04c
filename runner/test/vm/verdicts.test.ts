import { expect, test } from 'vitest';
import { fixtures, matrix, verdicts } from './lab.ts';

/** Every way in which a cell can fail to hold, on a real guest; one run, so that it shows that each stands for itself. */
test('a person’s own scenarios get every verdict that they deserve', async () => {
  await using run = await matrix(
    ...['--scenarios', fixtures, '--arch', 'x86_64', '--kernel', 'debian-6.1'],
    ...['--scenario', 'verdict/*', '--scenario', 'ending/*', '--scenario', 'fork/raw-fork'],
  );
  expect(run.status, run.stdout + run.stderr).toBe(1);
  const results = await run.results();
  expect(verdicts(results)).toEqual({
    'ending/crashed@x86_64/debian-6.1': 'crashed',
    'ending/forged@x86_64/debian-6.1': 'error',
    'ending/hung@x86_64/debian-6.1': 'hung',
    'ending/uncompiled@x86_64/debian-6.1': 'error',
    'fork/raw-fork@x86_64/debian-6.1': 'held',
    'verdict/breached@x86_64/debian-6.1': 'breached',
    'verdict/overblocked@x86_64/debian-6.1': 'overblocked',
    'verdict/toothless@x86_64/debian-6.1': 'inconclusive',
    'verdict/unsupported@x86_64/debian-6.1': 'unsupported',
  });
  const cell = (name: string) => results.cells.find(({ id }) => id.startsWith(name));
  expect(cell('ending/crashed')?.reason).toMatch(/panic.*out of memory/i);
  expect(cell('ending/uncompiled')?.reason).toMatch(/a_word_that_nobody_declared/);
  expect(cell('ending/forged')?.reason).toMatch(/attack sent what is no event/);
  expect(cell('verdict/unsupported')?.reason).toMatch(/crystal-ball/);
  expect(await run.file(cell('ending/crashed')?.console ?? '')).toMatch(/Kernel panic - not syncing/);
  expect(await run.file(cell('ending/forged')?.console ?? '')).toMatch(/^\| ~PF1 9 agent/m);
});
