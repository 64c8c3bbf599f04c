import { createHash } from 'node:crypto';
import type { PageData } from './page-data.ts';

/** What vite made of reports/page. */
export interface PageCode {
  script: string;
  style: string;
}

/**
 * The whole page in one file. It may run its own script and nothing else, and fetch nothing, whatever a guest has got into
 * its text.
 */
export function pageHtml(data: PageData, { script, style }: PageCode): string {
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = [
    `default-src 'none'`,
    `script-src 'sha256-${hash}'`,
    `style-src 'unsafe-inline'`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Photofinish ${data.run.id.replace(/[^A-Za-z0-9._-]/g, '_')}</title>
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<noscript>This page draws itself with JavaScript; results.json and summary.md beside it say the same.</noscript>
<script type="application/json" id="data">${dataText(data)}</script>
<script type="module">${script}</script>
</body>
</html>
`;
}

/** JSON in which nothing ends the element that it stands in. */
export const dataText = (data: PageData): string => JSON.stringify(data).replaceAll('<', '\\u003c');
