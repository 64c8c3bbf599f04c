import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { LabError } from '../lib/errors.ts';
import { VERDICTS } from '../lib/verdict.ts';
import { folder } from '../plan/testing.ts';
import { junitText } from './formats/junit.ts';
import { outcomeOf } from './formats/outcome.ts';
import { resultsOf, resultsSchema, writeAtomically, writeReports } from './index.ts';
import { rerunCommand, shellWord } from './rerun.ts';
import { HOSTILE, outcome, result, scenarioId } from './testing.ts';

const options = { flags: ['--seed', '1'], outDir: 'reports/runs/x', strict: false };

describe('results.json', () => {
  test('has every verdict in its summary, in the order of the design', () => {
    const results = resultsOf(outcome([result(), result({ verdict: 'hung' }), result()]));
    expect(Object.keys(results.summary)).toEqual([...VERDICTS]);
    expect(results.summary).toMatchObject({ held: 2, hung: 1, breached: 0 });
    expect(results).toMatchObject({ schema: 3, run: { host: { qemu: '10.0.2', cores: 2 } } });
  });

  test('has the seed as a number where that is exact, and as text where it is not', () => {
    expect(resultsOf(outcome([], '7')).run.seed).toBe(7);
    expect(resultsOf(outcome([], '9007199254740991')).run.seed).toBe(9007199254740991);
    expect(resultsOf(outcome([], '9007199254740992')).run.seed).toBe('9007199254740992');
    expect(resultsOf(outcome([], '18446744073709551615')).run.seed).toBe('18446744073709551615');
  });

  test('is refused by its own schema with a key that nobody knows', () => {
    const results = resultsOf(outcome([result()]));
    expect(resultsSchema.safeParse(results).success).toBe(true);
    expect(resultsSchema.safeParse({ ...results, extra: 1 }).success).toBe(false);
    const { held: _, ...summary } = results.summary;
    expect(resultsSchema.safeParse({ ...results, summary }).success).toBe(false);
  });

  test('is not written when a number is none', () => {
    expect(() => resultsOf(outcome([result({ seconds: Number.NaN })]))).toThrow();
    expect(() => resultsOf(outcome([result({ breachRateBelow: 3 })]))).toThrow();
  });
});

describe('junit.xml', () => {
  test('has a suite for each target and a case for each cell', () => {
    const cells = [result(), result({ arch: 'mipsel' }), result({ scenario: scenarioId('fork/raw') })];
    const xml = junitText(outcome(cells), options);
    expect(xml.match(/<testsuite name="[^"]*" tests="\d"/g)).toEqual([
      '<testsuite name="arm/debian-6.1" tests="2"',
      '<testsuite name="mipsel/debian-6.1" tests="1"',
    ]);
    expect(xml.match(/<testcase/g)).toHaveLength(3);
    expect(xml).not.toMatch(/<failure|<error|<skipped/);
  });

  test.each([
    ['held', 'held', 'passed'],
    ['held', 'breached', 'failure'],
    ['breached', 'held', 'failure'],
    ['breached', 'breached', 'passed'],
    ['overblocked', 'held', 'failure'],
    ['inconclusive', 'held', 'failure'],
    ['unsupported', 'unsupported', 'skipped'],
    ['unsupported', 'held', 'failure'],
    ['unavailable', 'held', 'skipped'],
    ['unavailable', 'unavailable', 'skipped'],
    ['crashed', 'held', 'error'],
    ['crashed', 'crashed', 'passed'],
    ['hung', 'held', 'error'],
    ['error', 'held', 'error'],
  ] as const)('%s where %s was expected is %s', (verdict, expected, wanted) => {
    expect(outcomeOf(result({ verdict, expected }), { strict: false })).toBe(wanted);
  });

  test('a strict run fails for what could not be had', () => {
    expect(outcomeOf(result({ verdict: 'unavailable' }), { strict: true })).toBe('failure');
    expect(outcomeOf(result({ verdict: 'unavailable', expected: 'unavailable' }), { strict: true })).toBe(
      'skipped',
    );
  });

  test('a failure says why, what to type next and where the console is', () => {
    const xml = junitText(outcome([result({ verdict: 'breached' })]), options);
    expect(xml).toContain('failures="1" errors="0" skipped="0"');
    expect(xml).toContain('<failure message="breached: it is breached" type="breached">');
    expect(xml).toContain('npm run matrix -- --scenario argv/swap --arch arm --kernel debian-6.1 --seed 1');
    expect(xml).toContain('console: reports/runs/x/consoles/swap.log');
  });

  test('nothing in it can end an element, an attribute or the document', () => {
    const cell = result({ verdict: 'error', reason: HOSTILE, findings: [HOSTILE], id: HOSTILE });
    const xml = junitText(outcome([cell]), options);
    // Everything that XML 1.0 allows, without the C1 controls.
    expect(xml).toMatch(/^[\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
    expect(xml).toContain('\\x1b[2J\\x00\\x07]]&#62;&#38;&#60;&#34;&#39;');
    expect(
      xml.match(/<\/?[a-z-]+/g)?.filter((tag) => !/testsuite|testcase|error|system-out/.test(tag)),
    ).toEqual([]);
    expect(xml).not.toContain('\ud800');
    expect(xml).toContain('\\u{d800}');
  });
});

describe('rerunCommand', () => {
  test('keeps shells from reading more into a word', () => {
    expect(shellWord('argv/*')).toBe("'argv/*'");
    expect(shellWord("a'b; rm -rf $HOME")).toBe("'a'\\''b; rm -rf $HOME'");
    expect(shellWord('')).toBe("''");
    expect(rerunCommand(result(), { ...options, flags: ['--scenarios', 'my folder'] })).toMatch(
      /--scenarios 'my folder'$/,
    );
  });
});

describe('a rerun', () => {
  test('forces the backend that is in the name of the cell, and none where there is none', () => {
    const forced = result({ id: 'argv/swap@arm/debian-6.1+trace', backend: 'notify' });
    const own = '--scenario argv/swap --arch arm --kernel debian-6.1';
    expect(rerunCommand(forced, options)).toBe(`npm run matrix -- ${own} --backend trace --seed 1`);
    expect(rerunCommand(result(), options)).toBe(`npm run matrix -- ${own} --seed 1`);
  });
});

describe('files', () => {
  test('are all there, and nothing else', async () => {
    await using place = await folder();
    const dir = path.join(place.dir, 'run');
    await writeReports(dir, outcome([result()]), options);
    const files = ['ctrf.json', 'junit.xml', 'results.json', 'results.ktap', 'summary.md'];
    expect((await readdir(dir)).sort()).toEqual(files);
    const parsed = resultsSchema.parse(JSON.parse(await readFile(path.join(dir, 'results.json'), 'utf8')));
    expect(parsed.cells[0]?.id).toBe('argv/swap@arm/debian-6.1');
  });

  test('take the place of what was there', async () => {
    await using place = await folder();
    const file = await place.write('x.json', 'old');
    await writeAtomically(file, 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(await readdir(place.dir)).toEqual(['x.json']);
  });

  test('that cannot be written are the trouble of the lab, and leave no half behind', async () => {
    await using place = await folder();
    await writeFile(path.join(place.dir, 'notdir'), '');
    await expect(writeAtomically(path.join(place.dir, 'notdir/x'), 'x')).rejects.toThrow(LabError);
    await place.write('taken/inside', '');
    await expect(writeAtomically(path.join(place.dir, 'taken'), 'x')).rejects.toThrow(LabError);
    expect((await readdir(place.dir)).sort()).toEqual(['notdir', 'taken']);
  });
});
