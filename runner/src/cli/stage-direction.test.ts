import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../lib/project.ts';
import { OF_THE_LAB } from '../report/page/page-code.ts';

/** Stages import only what comes before them; plan and judge are pure and know lib alone. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  plan: ['lib'],
  // The one list of packages is read before there is TypeScript, and by whom it concerns afterwards.
  provision: ['lib', 'plan', 'setup'],
  guest: ['lib', 'plan', 'provision'],
  run: ['lib', 'plan', 'provision', 'guest'],
  judge: ['lib'],
  report: ['lib', 'plan', 'provision', 'guest', 'run', 'judge'],
  cli: ['lib', 'plan', 'provision', 'guest', 'run', 'judge', 'report'],
};

const SOURCE = path.join(projectRoot, 'runner/src');

/** What is wrong with one file's imports; `file` is relative to runner/src. */
function wrongImports(file: string, text: string): string[] {
  const stage = file.split('/')[0] ?? '';
  const imported = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  return imported
    .filter((name) => name.startsWith('.'))
    .map((name) => path.posix.join(path.posix.dirname(file), name))
    .filter((target) => {
      const other = target.replace(/^\.\.\/setup\//, 'setup/').split('/')[0] ?? '';
      return other !== stage && !ALLOWED[stage]?.includes(other);
    })
    .map((target) => `${file} imports ${target}`);
}

/** Tests may borrow each other's examples. */
const isTest = (file: string): boolean => /(\.test|(^|\/)testing)\.ts$/.test(file);

const shipped = (): string[] =>
  readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !isTest(file),
  );

describe('the direction of imports', () => {
  test('is the direction in which the data flows', () => {
    const files = shipped();
    expect(files.length).toBeGreaterThan(30);
    expect(
      files.flatMap((file) => wrongImports(file, readFileSync(path.join(SOURCE, file), 'utf8'))),
    ).toEqual([]);
  });

  test('every folder is a stage', () => {
    const folders = new Set(shipped().map((file) => file.split('/')[0]));
    expect([...folders].filter((name) => !Object.hasOwn(ALLOWED, name ?? ''))).toEqual([]);
  });

  test.each([
    ['judge/x.ts', "import { a } from '../run/index.ts';", 1],
    ['judge/x.ts', "import type { A } from '../plan/index.ts';", 1],
    ['judge/deep/x.ts', "export { a } from '../../lib/ids.ts';", 0],
    ['lib/x.ts', "export * from '../plan/index.ts';", 1],
    ['run/x.ts', "const a = await import('../report/index.ts');", 1],
    ['run/x.ts', "import { a } from '../guest/index.ts'; import b from './b.ts'; import c from 'zod';", 0],
    ['provision/x.ts', "import { a } from '../../setup/a.mjs';", 0],
    ['judge/x.ts', "import { a } from '../../setup/a.mjs';", 1],
    ['plan/x.ts', "import '../../test/helper.ts';", 1],
  ])('%s with `%s` breaks the rule %i times', (file, text, count) => {
    expect(wrongImports(file, text)).toHaveLength(count);
  });
});

describe('the process', () => {
  test('is touched by main alone, of what the command line is made of', () => {
    const own = shipped().filter((file) => /^(plan|judge|report|cli)\//.test(file) && file !== 'cli/main.ts');
    const touching = own.filter((file) => usesProcess(readFileSync(path.join(SOURCE, file), 'utf8')));
    expect(touching).toEqual([]);
  });

  test.each([
    ['process.exit(1);', true],
    ["import process from 'node:process';", true],
    ['// process.exit ends it\nconst a = "process.env";', false],
  ])('`%s`: %s', (text, expected) => {
    expect(usesProcess(text)).toBe(expected);
  });
});

function usesProcess(text: string): boolean {
  let found = false;
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === 'process') found = true;
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest));
  return found;
}

test('the page takes types from the runner, and code from the files that its bundle is known to depend on', () => {
  const page = path.join(projectRoot, 'reports/page');
  const files = readdirSync(page, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.tsx?$/.test(file),
  );
  expect(files.length).toBeGreaterThan(30);
  const values = files
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => {
      const text = ts.transpileModule(readFileSync(path.join(page, file), 'utf8'), {
        compilerOptions: {
          target: ts.ScriptTarget.ES2023,
          verbatimModuleSyntax: true,
          jsx: ts.JsxEmit.Preserve,
        },
        fileName: file,
      }).outputText;
      return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
    })
    .filter((name) => name.includes('runner/'));
  const known = OF_THE_LAB.map((file) => `../../../${file}`);
  expect([...new Set(values)].sort()).toEqual(known);
  // These take no code from elsewhere, of which the bundle would not be known to depend.
  for (const file of OF_THE_LAB) {
    expect(readFileSync(path.join(projectRoot, file), 'utf8'), file).not.toMatch(/^import (?!type)/m);
  }
});
