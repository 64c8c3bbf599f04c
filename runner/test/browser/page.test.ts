import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { exampleData } from '../../../reports/page/example-data.ts';
import { ARCHES, kernelIdSchema } from '../../src/lib/ids.ts';
import { type CellResult, VERDICTS } from '../../src/lib/verdict.ts';
import { pageHtml } from '../../src/report/page/html.ts';
import { PAGE, pageCode, writePage } from '../../src/report/page/index.ts';
import { storedRunOf } from '../../src/report/stored/stored-run.ts';
import { outcome, result, scenarioId } from '../../src/report/testing.ts';
import { openFile, picture, startBrowser } from './chromium.ts';

/** Pages of generated runs in the distribution's browser; runner/test/vm/verdicts.test.ts has that of a real one. */

let dir: string;
let browser: Browser;
let example: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'pf-test-'));
  browser = await startBrowser();
  example = path.join(dir, 'example.html');
  await writeFile(example, pageHtml(exampleData(60), await pageCode(process.env)));
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await rm(dir, { recursive: true, force: true });
});

const MIB = 1024 * 1024;

/** A thousand cells, as many columns and rows as the lab will hardly ever have, each verdict more than once. */
function thousand(): CellResult[] {
  const kernels = ['4.10', '6.13'].map((name) => kernelIdSchema.parse(name));
  const targets = ARCHES.flatMap((arch) => kernels.map((kernel) => ({ arch, kernel })));
  return Array.from({ length: 1000 }, (_, n): CellResult => {
    const row = Math.floor(n / targets.length);
    const target = targets[n % targets.length] ?? { arch: 'arm', kernel: kernels[0] };
    const odd = n % 37 === 0 ? VERDICTS[(n / 37) % VERDICTS.length] : undefined;
    const scenario = scenarioId(`family-${row % 12}/scenario-${row}`);
    return result({
      scenario,
      arch: target.arch,
      kernel: kernelIdSchema.parse(target.kernel),
      verdict: odd ?? 'held',
    });
  });
}

const focusedCell = (page: Page): Promise<string | null> => page.locator(':focus').getAttribute('data-cell');

/** Each square that keys lead to, row by row, as whoever listens is told of it. */
async function walked(page: Page, rows: number, columns: number): Promise<string[]> {
  await page.evaluate(`
    globalThis.heard = [];
    document.addEventListener('focusin', ({ target }) =>
      heard.push(target.getAttribute('data-cell') + ' ' + target.getAttribute('aria-label')));
    document.activeElement.blur();
  `);
  await tabToMatrix(page);
  for (let row = 0; row < rows; row++) {
    for (let column = 1; column < columns; column++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Home');
  }
  return z.array(z.string()).parse(await page.evaluate('heard'));
}

async function tabToMatrix(page: Page): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if ((await focusedCell(page)) !== null) return;
  }
  throw new Error('Tab does not lead into the matrix');
}

describe('a page of a thousand cells', () => {
  test('is less than a MiB, draws itself without a complaint, and keys reach every verdict and every cell', async () => {
    const cells = thousand();
    const code = await pageCode(process.env);
    const options = { dir, shownDir: 'reports/runs/x', trend: null };
    const file = await writePage(storedRunOf(outcome(cells)), code, options);
    expect(path.basename(file)).toBe(PAGE);
    expect((await stat(file)).size).toBeLessThan(MIB);
    await using opened = await openFile(browser, file);
    const { page, complaints } = opened;
    await expect.poll(() => page.locator('a[data-cell]').count()).toBe(1000);
    const heard = await walked(page, 100, 10);
    const reached = new Set(heard.map((line) => line.split(' ')[0]));
    expect(cells.filter(({ id }) => !reached.has(id)).map(({ id }) => id)).toEqual([]);
    for (const verdict of VERDICTS) expect(heard.join('\n')).toContain(verdict);
    await picture(page, 'thousand');
    expect(complaints).toEqual([]);
  });
});

describe('a page', () => {
  test.each([
    { name: 'light', width: 1280, dark: false },
    { name: 'dark', width: 1280, dark: true },
    { name: 'phone', width: 360, dark: false },
    { name: 'phone-dark', width: 360, dark: true },
  ])('fits its window, $name, and says nothing of the hostile text in it', async ({ name, ...look }) => {
    const bad = exampleData(60).cells.find(({ verdict }) => verdict === 'breached')?.id ?? '';
    const views = { matrix: '', trend: '#view=trend', cell: `#cell=${encodeURIComponent(bad)}` };
    for (const [view, hash] of Object.entries(views)) {
      await using opened = await openFile(browser, example, { ...look, hash });
      const { page, complaints } = opened;
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      expect(wide, `${view}: as wide as its window`).toBeLessThanOrEqual(look.width);
      expect(await page.locator('img, script[src], iframe, object').count()).toBe(0);
      await picture(page, `${view}-${name}`);
      expect(complaints).toEqual([]);
    }
  });

  test('opens a cell by Enter, leaves it by Escape and by Back, and comes back to where it was', async () => {
    await using opened = await openFile(browser, example);
    const { page } = opened;
    await tabToMatrix(page);
    const cell = await focusedCell(page);
    await page.keyboard.press('Enter');
    const panel = page.locator('dialog[open]');
    await panel.waitFor();
    expect(await panel.textContent()).toContain(cell);
    expect(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('cell')).toBe(cell);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    expect(await focusedCell(page)).toBe(cell);
    await page.keyboard.press('Enter');
    await panel.waitFor();
    await page.goBack();
    await panel.waitFor({ state: 'detached' });
    expect(new URL(page.url()).hash).not.toContain('cell=');
  });

  test('a view can be linked: words and verdicts are in the address, and garbage there is nothing', async () => {
    await using linked = await openFile(browser, example, { hash: '#verdict=breached,crashed' });
    const shown = linked.page.locator('a[data-cell]');
    const words = await shown.allTextContents();
    expect(words.length).toBeGreaterThan(0);
    expect(words.every((word) => /breached|crashed/.test(word))).toBe(true);
    await linked.page.locator('input[type=search]').fill('no such cell anywhere');
    await expect.poll(() => shown.count()).toBe(0);
    const asked = () => new URLSearchParams(new URL(linked.page.url()).hash.slice(1)).get('q');
    await expect.poll(asked).toBe('no such cell anywhere');
    await using odd = await openFile(browser, example, {
      hash: '#verdict=%00,__proto__&cell=%3Cimg%3E&view=x&%',
    });
    expect(await odd.page.locator('a[data-cell]').count()).toBe(60);
    expect(odd.complaints).toEqual([]);
  });

  test('text of a guest is shown as text, with what would hide or move it made visible', async () => {
    const { cells } = exampleData(60);
    const hostile = cells.find(({ reason }) => reason?.includes('</script>'))?.id ?? '';
    expect(hostile).not.toBe('');
    await using opened = await openFile(browser, example, { hash: `#cell=${encodeURIComponent(hostile)}` });
    const text = (await opened.page.locator('dialog').textContent()) ?? '';
    expect(text).toContain('</script><img src=x onerror=alert(1)>');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0008\u000e-\u001f\u202a-\u202e\u2066-\u2069]/);
    expect(opened.complaints).toEqual([]);
  });
});
