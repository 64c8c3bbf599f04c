import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { storedRunOf } from '../stored/stored-run.ts';
import { HOSTILE, outcome, result } from '../testing.ts';
import { pageHtml } from './html.ts';
import type { PageData } from './page-data.ts';
import { pageOf } from './page-of.ts';

const code = { script: 'const a = 1 < 2 && "é";\n', style: 'a > b { color: red }' };
const MARKUP = '</script><img src=x onerror=alert(1)><!--<script></SCRIPT ></title></style>';

async function rudeData(): Promise<PageData> {
  const said = MARKUP + HOSTILE + MARKUP;
  const cell = result({ verdict: 'breached', reason: said, findings: [said], kernelRelease: said, id: said });
  const run = outcome([cell]);
  const stored = { ...storedRunOf({ ...run, scenarios: { [said]: { claim: said } } }), notes: [said] };
  return pageOf(
    { ...stored, run: { ...stored.run, id: said, command: said } },
    { dir: '/nowhere', shownDir: said, trend: null, roomBytes: 1 << 20 },
  );
}

/** What a browser reads in the element of the data: everything up to the first end of a script. */
function dataIn(html: string): string {
  const [, behind = ''] = html.split('<script type="application/json" id="data">');
  return behind.slice(0, behind.search(/<\/script/i));
}

test('the data come back as they were, whatever a guest has said', async () => {
  const data = await rudeData();
  const html = pageHtml(data, code);
  expect(JSON.parse(dataIn(html))).toEqual(data);
  expect(JSON.stringify(data)).toContain(MARKUP);
});

test('nothing in the data begins or ends an element', async () => {
  const html = pageHtml(await rudeData(), code);
  expect(dataIn(html)).not.toContain('<');
  const tags = html.replace(code.script, '').match(/<[!/]?[a-z-]+/gi) ?? [];
  expect(tags).toEqual([
    ...['<!doctype', '<html', '<head', '<meta', '<meta', '<meta', '<meta', '<title', '</title'],
    ...['<style', '</style', '</head', '<body', '<div', '</div', '<noscript', '</noscript'],
    ...['<script', '</script', '<script', '</script', '</body', '</html'],
  ]);
});

test('one script may run, which is the one that is there, and nothing may be fetched', async () => {
  const html = pageHtml(await rudeData(), code);
  const [, policy = ''] = html.match(/http-equiv="Content-Security-Policy" content="([^"]*)"/) ?? [];
  const [, script = ''] = html.match(/<script type="module">([\s\S]*?)<\/script>/) ?? [];
  expect(script).toBe(code.script);
  const sha256 = createHash('sha256').update(Buffer.from(script, 'utf8')).digest('base64');
  expect(Object.fromEntries(policy.split('; ').map((rule) => rule.split(/ (.*)/, 2)))).toEqual({
    ...{ 'default-src': "'none'", 'script-src': `'sha256-${sha256}'`, 'style-src': "'unsafe-inline'" },
    ...{ 'base-uri': "'none'", 'form-action': "'none'" },
  });
  // Before anything that it is to hold for.
  expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.search(/<(style|script|title)/));
  expect(html).not.toMatch(/<[^>]* (src|href)=/);
});
