import { validate } from 'ctrf';
import { describe, expect, test } from 'vitest';
import { type CellResult, VERDICTS } from '../../lib/verdict.ts';
import { HOSTILE, outcome, result, scenarioId } from '../testing.ts';
import { ctrfText } from './ctrf.ts';
import { jobSummaryText } from './job-summary.ts';
import { junitText } from './junit.ts';
import { ktapText } from './ktap.ts';

const options = { flags: ['--seed', '1'], outDir: 'reports/runs/x', strict: false };

const cells = [
  result(),
  result({ scenario: scenarioId('fork/raw'), verdict: 'breached', capsules: ['cells/x/a.capsule.json'] }),
  result({ arch: 'mipsel', verdict: 'unsupported', expected: 'unsupported' }),
  result({ arch: 'mipsel', scenario: scenarioId('fork/raw'), verdict: 'hung' }),
];

/** A run of many cells, none of which was expected, whose guests say much. */
const many = (count: number, reason: string): CellResult[] =>
  Array.from({ length: count }, (_, n) =>
    result({ scenario: scenarioId(`argv/swap-${n}`), verdict: 'error', reason, findings: [reason] }),
  );

describe('ctrf.json', () => {
  const parsed = (text: string) => JSON.parse(text);

  test('is what its schema says, with a test for each cell', () => {
    const report = parsed(ctrfText(outcome(cells), options));
    expect(validate(report)).toMatchObject({ valid: true });
    expect(report.results.summary).toMatchObject({
      ...{ tests: 4, passed: 1, failed: 2, skipped: 1, pending: 0, other: 0, suites: 2 },
      ...{ start: Date.parse('2026-01-01T00:00:00Z'), stop: Date.parse('2026-01-01T00:00:41.25Z') },
    });
    expect(report.results.tests[1]).toMatchObject({
      ...{ name: 'fork/raw@arm/debian-6.1', status: 'failed', rawStatus: 'breached', duration: 3100 },
      suite: ['arm/debian-6.1', 'fork'],
      message: 'breached: it is breached',
      trace: expect.stringContaining('capsule: reports/runs/x/cells/x/a.capsule.json'),
    });
    expect(report.results.tests[0]).not.toHaveProperty('message');
    expect(validate({ ...report, specVersion: 0 })).toMatchObject({ valid: false });
  });

  test('holds whatever a guest says', () => {
    const cell = result({ verdict: 'error', reason: HOSTILE, findings: [HOSTILE] });
    const report = parsed(ctrfText(outcome([cell]), options));
    expect(validate(report)).toMatchObject({ valid: true });
    expect(report.results.tests[0].stdout).toEqual([HOSTILE]);
  });
});

describe('results.ktap', () => {
  test('has a test for each target, and in it one for each cell', () => {
    expect(ktapText(outcome(cells), options).split('\n')).toEqual([
      'KTAP version 1',
      '1..2',
      '  KTAP version 1',
      '  1..2',
      '  ok 1 argv/swap',
      '  # expected held, got breached',
      '  # it is breached',
      '  # run only this cell again: npm run matrix -- --scenario fork/raw --arch arm --kernel debian-6.1 --seed 1',
      '  # console: reports/runs/x/consoles/swap.log',
      '  # capsule: reports/runs/x/cells/x/a.capsule.json',
      '  not ok 2 fork/raw',
      'not ok 1 arm/debian-6.1',
      '  KTAP version 1',
      '  1..2',
      '  ok 1 argv/swap # SKIP unsupported: it is unsupported',
      '  # expected held, got hung',
      '  # it is hung',
      '  # run only this cell again: npm run matrix -- --scenario fork/raw --arch mipsel --kernel debian-6.1 --seed 1',
      '  # console: reports/runs/x/consoles/swap.log',
      '  not ok 2 fork/raw # TIMEOUT it is hung',
      'not ok 2 mipsel/debian-6.1',
      '',
    ]);
  });

  test('no word of a guest is a line of its own', () => {
    const reason = 'gone\nok 7 all is well\n1..1';
    const cell = result({ verdict: 'error', reason, findings: [reason, HOSTILE] });
    const lines = ktapText(outcome([cell]), options)
      .trimEnd()
      .split('\n');
    expect(lines.filter((line) => /^\s*(not ok|ok|1\.\.|KTAP)/.test(line))).toEqual([
      ...['KTAP version 1', '1..1', '  KTAP version 1', '  1..1'],
      '  not ok 1 argv/swap # ERROR error: gone / ok 7 all is well / 1..1',
      'not ok 1 arm/debian-6.1',
    ]);
  });

  test('of no cells has a plan of none', () => {
    expect(ktapText(outcome([]), options)).toBe('KTAP version 1\n1..0\n');
  });
});

describe('summary.md', () => {
  test('shows what nobody expected, and folds all else', () => {
    const text = jobSummaryText(outcome(cells), options);
    const [open = '', ...folded] = text.split('<details>');
    expect(open).toContain('## ✘ photofinish');
    expect(open).toContain('### ✘ fork/raw&#64;arm/debian-6.1');
    expect(open).toContain('run only this cell again: npm run matrix -- --scenario fork/raw --arch mipsel');
    expect(open).not.toContain('argv/swap@');
    expect(folded).toHaveLength(2);
    expect(folded[0]).toContain('| argv/swap | held | below 0.50 |');
    expect(folded[0]).toContain('| fork/raw | **breached** |  |');
    expect(jobSummaryText(outcome([result()]), options)).toMatch(/^## ✔ photofinish\n/);
    const none = result({ verdict: 'unavailable', asExpected: false, reason: 'no source' });
    expect(jobSummaryText(outcome([none]), options)).toMatch(/^## ○ photofinish\n\n.*nothing was raced/);
  });

  test('is never more than GitHub takes, and says what it left out', () => {
    const text = jobSummaryText(outcome(many(3000, 'x'.repeat(5000))), options);
    expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
    expect(text).toMatch(/\n\d{4} more that nobody expected are in `results.json`\.\n/);
    const thousand = jobSummaryText(outcome(many(1000, 'short')), options);
    expect(Buffer.byteLength(thousand)).toBeLessThan(1024 * 1024);
    expect(thousand).not.toContain('more that nobody expected');
  });

  test('what a guest says is text in it, and ends nothing', () => {
    const hostile = `${HOSTILE}</details><script>x</script>\n\`\`\`\n# big\n![x](y) | | [a](b)`;
    const cell = result({ verdict: 'error', reason: hostile, findings: ['````', hostile] });
    const text = jobSummaryText(outcome([cell]), options);
    const [, fence = '', body = ''] = /\n(`{3,})text\n([\s\S]*?)\n\1\n/.exec(text) ?? [];
    expect(fence).toHaveLength(5);
    expect(body.split('\n').every((line) => !line.startsWith(fence))).toBe(true);
    expect(text.replace(body, '')).not.toMatch(/<script|!\[/);
  });
});

describe('junit.xml', () => {
  /** What junit-10.xsd of Jenkins' xUnit plugin allows, which others allow as well: parents, required attributes and others. */
  const SCHEMA: Record<string, { in: string[]; has: string[]; may: string[] }> = {
    testsuites: { in: [''], has: [], may: ['name', 'time', 'tests', 'failures', 'errors'] },
    testsuite: { in: ['testsuites'], has: ['name', 'tests', 'failures', 'errors'], may: ['time', 'skipped'] },
    properties: { in: ['testsuite'], has: [], may: [] },
    property: { in: ['properties'], has: ['name', 'value'], may: [] },
    testcase: { in: ['testsuite'], has: ['name'], may: ['time', 'classname', 'group'] },
    skipped: { in: ['testcase'], has: [], may: ['type', 'message'] },
    error: { in: ['testcase'], has: [], may: ['type', 'message'] },
    failure: { in: ['testcase'], has: [], may: ['type', 'message'] },
    'system-out': { in: ['testcase'], has: [], may: [] },
  };

  test('has no element and no attribute that the common schema does not know', () => {
    const cells = VERDICTS.map((verdict, n) => result({ verdict, scenario: scenarioId(`argv/n${n}`) }));
    const told = result({ findings: [HOSTILE], kernelSource: 'local tree 6.13.7' });
    const xml = junitText(outcome([...cells, told]), options);
    const open: string[] = [''];
    const seen = new Set<string>();
    for (const [, end, name = '', attributes = '', alone] of xml.matchAll(
      /<(\/?)([a-z-]+)((?: [a-z]+="[^"]*")*)(\/?)>/g,
    )) {
      if (end) {
        expect(open.pop()).toBe(name);
        continue;
      }
      seen.add(name);
      const rule = SCHEMA[name];
      const given = [...attributes.matchAll(/ ([a-z]+)="/g)].map(([, key = '']) => key);
      expect(rule?.in, name).toContain(open.at(-1));
      expect(given).toEqual(expect.arrayContaining(rule?.has ?? []));
      expect([...(rule?.has ?? []), ...(rule?.may ?? [])]).toEqual(expect.arrayContaining(given));
      if (!alone) open.push(name);
    }
    expect(open).toEqual(['']);
    expect([...seen].sort()).toEqual(Object.keys(SCHEMA).sort());
  });
});
