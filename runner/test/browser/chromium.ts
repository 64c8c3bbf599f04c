import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { projectRoot } from '../../src/lib/project.ts';

/** The distribution's browser, without a screen and without a network. */

const PROGRAM = '/usr/bin/chromium';
const FLAGS = [
  ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
  // Root has no sandbox of the browser's; what it opens here is ours.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** Where pictures of what the tests saw are left, to be looked at. */
const SCREENSHOTS = path.join(projectRoot, 'reports/screenshots');

export interface Opened extends AsyncDisposable {
  page: Page;
  /** What the page said on its console as an error, threw, or asked the network for. */
  complaints: string[];
}

export async function startBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: PROGRAM, args: FLAGS });
}

export interface Look {
  width?: number;
  dark?: boolean;
  /** Behind the file's name: `#cell=…`. */
  hash?: string;
}

/** A file opened from the disk, when it has drawn itself. */
export async function openFile(browser: Browser, file: string, look: Look = {}): Promise<Opened> {
  const { width = 1280, dark = false, hash = '' } = look;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => void complaints.push(`thrown: ${error.message}`));
  page.on('dialog', (dialog) => void complaints.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(`${pathToFileURL(file).href}${hash}`);
  await page.locator('#app > *').first().waitFor();
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });
}
