import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type CacheInputs, checkUnchanged, openCache } from '../../lib/cache.ts';
import { LabError } from '../../lib/errors.ts';
import { projectRoot } from '../../lib/project.ts';
import { replaceFile } from '../../lib/replace-file.ts';
import { sourceHash } from '../../provision/source-hash.ts';
import type { PageCode } from './html.ts';

const SOURCE = path.join(projectRoot, 'reports/page');
const [SCRIPT, STYLE] = ['page.js', 'page.css'];
/** The files outside that the page takes code from, not types alone. */
export const OF_THE_LAB = ['rate', 'verdict', 'visible'].map((name) => `runner/src/lib/${name}.ts`);
/** What a bundle is made of. */
const SHIPPED = /(?<!\.test)\.(ts|tsx|css)$/;

/** The page's script and style: reports/page, bundled once for each state of it and of the packages. */
export async function pageCode(env: NodeJS.ProcessEnv): Promise<PageCode> {
  const inputs = await inputsOf();
  const dir = await openCache(env).entry('report-page', inputs, async (made) => {
    const { script, style } = await bundle();
    await checkUnchanged("the report's page", inputs, inputsOf);
    await replaceFile(path.join(made, SCRIPT), script);
    await replaceFile(path.join(made, STYLE), style);
  });
  const read = (name: string): Promise<string> => readFile(path.join(dir, name), 'utf8');
  return { script: await read(SCRIPT), style: await read(STYLE) };
}

async function inputsOf(): Promise<CacheInputs> {
  const whole = (file: string): Promise<string> => readFile(path.join(projectRoot, file), 'utf8');
  const lock = await whole('package-lock.json');
  const ofTheLab = await Promise.all(OF_THE_LAB.map(whole));
  const source = await sourceHash(SOURCE, (name) => SHIPPED.test(name) && !name.includes('node_modules'));
  return { source, ofTheLab, lock };
}

async function bundle(): Promise<PageCode> {
  const { build } = await import('vite');
  const made = await build({
    ...{ root: SOURCE, configFile: path.join(SOURCE, 'vite.config.ts'), configLoader: 'runner' },
    ...{ logLevel: 'silent', build: { write: false } },
  });
  const outputs = Array.isArray(made) ? made : [made];
  const files = outputs.flatMap((one) => ('output' in one ? one.output : []));
  const scripts = files.flatMap((file) => (file.type === 'chunk' ? [file.code] : []));
  const styles = files.flatMap((file) =>
    file.type === 'asset' && file.fileName.endsWith('.css') ? [String(file.source)] : [],
  );
  const [script] = scripts;
  if (script === undefined || files.length !== 2 || styles.length !== 1) {
    const names = files.map(({ fileName }) => fileName).join(', ');
    throw new LabError(`the report's page came out as ${names || 'nothing'}`, { code: 'bad-page' });
  }
  // Neither may end the element that it stands in.
  const closed = /<\/(script|style)|<!--/i;
  if (closed.test(script) || closed.test(styles.join(''))) {
    throw new LabError("the report's page has the end of an element in its code", { code: 'bad-page' });
  }
  return { script, style: styles.join('') };
}
