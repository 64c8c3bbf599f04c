import path from 'node:path';
import { expect, test } from 'vitest';
import { CAPSULE_SUFFIX, parseCapsule, TRACE_SUFFIX } from '../../src/lib/capsule.ts';
import { traceSchema } from '../../src/report/timeline/testing.ts';
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
    'verdict/refused-hook@x86_64/debian-6.1': 'unsupported',
    'verdict/toothless@x86_64/debian-6.1': 'inconclusive',
    'verdict/unsupported@x86_64/debian-6.1': 'unsupported',
  });
  const cell = (name: string) => results.cells.find(({ id }) => id.startsWith(name));
  const { certificates = [], findings = [], capsules = [] } = cell('verdict/breached') ?? {};
  expect(certificates).toMatchObject([
    { certainty: 'deterministic', same: 3, breached: 3, of: 3 },
    { certainty: 'deterministic' },
  ]);
  expect(findings.join('\n')).toMatch(/^breach of seed \d+: deterministic: 3 of 3 repeats/m);
  // Each breach of the guarded lane can be had again, and looked at.
  const guarded = capsules.filter((file) => path.basename(file).startsWith('guarded-'));
  expect(guarded).toHaveLength(2);
  for (const file of guarded) {
    expect(parseCapsule(file, await run.file(file))).toMatchObject({ repeats: { same: 3, of: 3 } });
    const trace = await run.file(file.replace(CAPSULE_SUFFIX, TRACE_SUFFIX));
    expect(traceSchema.parse(JSON.parse(trace)).traceEvents).toContainEqual(
      expect.objectContaining({ ph: 'i', cat: 'breach', name: expect.stringContaining('argv1=EVIL') }),
    );
  }
  expect(cell('ending/crashed')?.reason).toMatch(/panic.*out of memory/i);
  expect(cell('ending/uncompiled')?.reason).toMatch(/a_word_that_nobody_declared/);
  expect(cell('ending/forged')?.reason).toMatch(/attack sent what is no event/);
  expect(cell('verdict/refused-hook')?.reason).toMatch(
    /watch\.0 cannot be had on this kernel: .*hold a call/,
  );
  expect(cell('verdict/unsupported')?.reason).toMatch(/crystal-ball/);
  expect(await run.file(cell('ending/crashed')?.console ?? '')).toMatch(/Kernel panic - not syncing/);
  expect(await run.file(cell('ending/forged')?.console ?? '')).toMatch(/^\| ~PF1 9 agent/m);
});
