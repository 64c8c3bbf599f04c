import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CAPSULE_SUFFIX, parseCapsule, TRACE_SUFFIX } from '../../src/lib/capsule.ts';
import { PAGE } from '../../src/report/index.ts';
import { traceSchema } from '../../src/report/timeline/testing.ts';
import { openFile, picture, startBrowser } from '../browser/chromium.ts';
import { fixtures, matrix, type Run, verdicts } from '../vm/lab.ts';

/** Every way in which a cell can fail to hold, on a real guest; one run, so that it shows that each stands for itself. */
let run: Run;
beforeAll(async () => {
  run = await matrix(
    ...['--scenarios', fixtures, '--arch', 'x86_64', '--kernel', 'debian-6.1'],
    ...['--scenario', 'verdict/*', '--scenario', 'ending/*', '--scenario', 'fork/raw-fork'],
  );
});
afterAll(() => run?.[Symbol.asyncDispose]());

test('a person’s own scenarios get every verdict that they deserve', async () => {
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

test('its page has all of that, and a cell that was breached shows how, beside a schedule that was not', async () => {
  const results = await run.results();
  const browser = await startBrowser();
  try {
    await using opened = await openFile(browser, path.join(run.dir, PAGE));
    const { page, complaints } = opened;
    for (const { id, verdict } of results.cells) {
      expect(await page.locator(`a[data-cell="${id}"]`).textContent()).toContain(verdict);
    }
    await picture(page, 'real-matrix');
    await page.locator('a[data-cell^="verdict/breached@"]').click();
    const panel = page.locator('dialog[open]');
    const text = (await panel.textContent()) ?? '';
    expect(text).toMatch(/deterministic: 3 of 3 repeats are the same to the bit/);
    expect(text).toContain('argv1=EVIL');
    expect(text).toMatch(/npm run replay -- \S+\.capsule\.json --scenarios/);
    await picture(page, 'real-breached');
    await page.keyboard.press('Escape');
    await page.locator('a[data-cell^="ending/crashed@"]').click();
    expect(await panel.textContent()).toMatch(/Kernel panic - not syncing/);
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
});
