import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Progress } from '../lib/progress.ts';
import { applyProgress, duration, frameLines, type LiveState, liveState, millisecondsLeft } from './live.ts';
import { printable, printableLines } from './printable.ts';
import { painter } from './style.ts';
import { summaryText } from './summary.ts';
import { matrixTable } from './table.ts';
import { createTerminal } from './terminal.ts';
import { HOSTILE, outcome, result, scenarioId } from './testing.ts';

const plain = painter(false);
const context = { flags: ['--seed', '1'], outDir: 'reports/runs/x' };
/** What a terminal may get from text that is none of ours: printable characters and line ends. */
const HARMLESS = /^[\n\u0020-\u007e\u00a0-\u{10ffff}]*$/u;

function screen(isTTY: boolean, color = false) {
  const stream = Object.assign(new PassThrough(), { columns: 100, rows: 30, isTTY });
  let clock = 0;
  const terminal = createTerminal({ stream, isTTY, columns: 80, color, now: () => clock });
  return {
    terminal,
    pass: (ms: number) => {
      clock += ms;
    },
    text: () => String(stream.read() ?? ''),
  };
}

const planned: Progress = {
  kind: 'planned',
  runId: 'r1',
  cells: ['a/b@arm/k', 'c/d@arm/k'],
  targets: ['arm/k'],
};
const started: Progress = { kind: 'cell-started', cell: 'a/b@arm/k' };
const step: Progress = { kind: 'provision', target: 'arm/k', step: 'kernel', state: 'started' };

describe('printable', () => {
  test('leaves nothing that a terminal obeys', () => {
    const text = printable(HOSTILE);
    expect(text).toMatch(HARMLESS);
    expect(text).toMatch(/^\\x1b\[2J\\x00\\x07/);
    expect(text).toContain('\\x9b31m\\u{202e}');
    expect(text).toContain('\\u{d800}');
    expect(text).toMatch(/ \/ end$/);
  });

  test('leaves words as they are', () => {
    expect(printable('größe ✔ 日本')).toBe('größe ✔ 日本');
    expect(printableLines('a\tb\r\nc\u001b')).toBe('a\tb\nc\\x1b');
  });
});

describe('the live view', () => {
  const stateAfter = (...steps: Progress[]): LiveState => {
    const state = liveState(0);
    for (const progress of steps) applyProgress(state, progress, 1000);
    return state;
  };
  /** What is under way and how far all is, below the matrix. */
  const frame = (state: LiveState) =>
    frameLines(state, 5000, { columns: 80, rows: 30 }, plain).filter((line) => !line.startsWith('arm/k'));

  test('shows what each target is being provided with, until it is there', () => {
    expect(frame(stateAfter(planned, step))[0]).toBe('provision  arm/k  kernel');
    expect(frame(stateAfter(planned, step, { ...step, state: 'done' }))).toEqual(['0 of 2 cells · 5 s']);
    expect(frame(stateAfter(planned, step, { ...step, state: 'failed' }))).toEqual(['0 of 2 cells · 5 s']);
  });

  test('shows which lane of which cell is running, and how far it is', () => {
    const progress: Progress = {
      kind: 'schedule-done',
      cell: 'a/b@arm/k',
      lane: 'guarded',
      done: 3,
      total: 6,
    };
    expect(frame(stateAfter(planned, started, progress))[0]).toBe('run        a/b@arm/k  guarded 3/6');
  });

  test('tells the time left from the pace of cells, once one is done', () => {
    expect(millisecondsLeft(stateAfter(planned, started), 5000)).toBeUndefined();
    const done: Progress = { kind: 'cell-done', result: result({ id: 'a/b@arm/k' }) };
    const other: Progress = { kind: 'cell-done', result: result({ id: 'c/d@arm/k' }) };
    expect(millisecondsLeft(stateAfter(planned, started, done), 5000)).toBe(4000);
    expect(millisecondsLeft(stateAfter(planned, started, done, other), 5000)).toBeUndefined();
    expect(frame(stateAfter(planned, started, done))).toEqual(['1 of 2 cells · 5 s · about 4 s left']);
  });

  test('is the matrix itself: a row for each target, a sign for each cell', () => {
    const cells = ['a/b@arm/k', 'c/d@arm/k', 'e/f@arm/k', 'a/b@x86_64/kernel', 'c/d@x86_64/kernel'];
    const state = stateAfter(
      { ...planned, cells },
      { kind: 'cell-done', result: result({ id: 'a/b@arm/k' }) },
      { kind: 'cell-done', result: result({ id: 'c/d@arm/k', verdict: 'breached' }) },
      { kind: 'cell-started', cell: 'e/f@arm/k' },
    );
    expect(frameLines(state, 0, { columns: 80, rows: 30 }, plain).slice(0, 2)).toEqual([
      'arm/k          ✔✘▸ 2/3',
      'x86_64/kernel  ·· 0/2',
    ]);
    expect(frameLines(state, 0, { columns: 80, rows: 5 }, plain).join()).not.toContain('▸');
    const narrow = frameLines(state, 0, { columns: 20, rows: 30 }, plain);
    expect(narrow.every((line) => [...line].length <= 20)).toBe(true);
  });

  test('fits its lines to the width', () => {
    const long: Progress = { kind: 'cell-started', cell: `a/${'x'.repeat(200)}` };
    const lines = frameLines(stateAfter(long), 0, { columns: 40, rows: 30 }, plain);
    expect(lines.every((line) => [...line].length <= 40)).toBe(true);
  });

  test('shortens names rather than how far a lane is', () => {
    const cell = 'argv/shared-memory-peer@x86_64/debian-6.1';
    const lane: Progress = { kind: 'schedule-done', cell, lane: 'guarded', done: 1, total: 2 };
    const lines = frameLines(stateAfter(lane), 0, { columns: 50, rows: 30 }, plain);
    expect(lines[0]).toBe('run        argv/shared-memory-peer@x…  guarded 1/2');
  });

  test('fits the height, and says how much it leaves out', () => {
    const cells = Array.from({ length: 30 }, (_, i): Progress => ({ kind: 'cell-started', cell: `a/b${i}` }));
    const fits = (rows: number) => frameLines(stateAfter(...cells), 0, { columns: 40, rows }, plain);
    expect(fits(31)).toHaveLength(31);
    expect(fits(30)).toHaveLength(30);
    expect(fits(30).at(-2)).toBe('… and 2 more');
    expect(fits(2)).toEqual(['… and 30 more', '0 of 0 cells · 0 s']);
  });

  test('escapes what it shows', () => {
    const hostile: Progress = { ...step, step: HOSTILE, target: HOSTILE };
    expect(frame(stateAfter(hostile)).join('\n')).toMatch(HARMLESS);
  });

  test.each([
    [0, '0 s'],
    [59_400, '59 s'],
    [61_000, '1:01 min'],
    [3_660_000, '1:01 h'],
  ])('%i ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  test('draws in place, keeps what nobody expected, and wipes itself away', () => {
    const { terminal, text } = screen(true);
    terminal.onProgress(planned);
    terminal.onProgress(started);
    const drawn = text();
    expect(drawn).toContain('0 of 2 cells');
    // Whatever ends us, nobody's cursor is gone.
    expect(drawn).not.toContain('\u001b[?25l');
    terminal.onProgress({ kind: 'cell-done', result: result({ id: 'a/b@arm/k' }) });
    const signs = stripVTControlCharacters(text());
    expect(signs).toContain('arm/k  ✔· 1/2');
    expect(signs).not.toContain('held a/b');
    terminal.onProgress({ kind: 'cell-done', result: result({ id: 'c/d@arm/k', verdict: 'hung' }) });
    expect(stripVTControlCharacters(text())).toContain('∞ hung* c/d@arm/k: it is hung 3.1 s');
    terminal[Symbol.dispose]();
    terminal[Symbol.dispose]();
    const rest = text();
    terminal.onProgress(started);
    expect(rest).toContain('\u001b[2K');
    expect(rest).not.toContain('0 of 2 cells');
    expect(text()).toBe('');
  });
});

describe('without a terminal', () => {
  test('there is a line for whatever begins or ends, and not one control character', () => {
    const { terminal, text, pass } = screen(false);
    terminal.onProgress(planned);
    pass(2000);
    terminal.onProgress(step);
    terminal.onProgress({ ...step, state: 'failed', detail: HOSTILE });
    terminal.onProgress({ kind: 'schedule-done', cell: 'a/b@arm/k', lane: 'control', done: 1, total: 2 });
    terminal.onProgress({ kind: 'cell-done', result: result({ verdict: 'error', reason: HOSTILE }) });
    terminal.onProgress({ kind: 'note', text: HOSTILE });
    const written = text();
    expect(written).toMatch(HARMLESS);
    expect(written.split('\n')).toHaveLength(5);
    expect(written).toMatch(/^\[0 s\] run r1: 2 cells on arm\/k\n\[2 s\] provision arm\/k: kernel failed: /);
    terminal[Symbol.dispose]();
  });

  test('what was in the cache is no news, what took its time is', () => {
    const { terminal, text, pass } = screen(false);
    const other: Progress = { ...step, target: 'mipsel/k' };
    for (const progress of [step, other]) terminal.onProgress(progress);
    pass(900);
    terminal.onProgress({ ...step, state: 'done' });
    pass(6100);
    terminal.onProgress({ ...other, state: 'done' });
    terminal.onProgress(started);
    expect(text()).toBe('[7 s] provision mipsel/k: kernel took 7 s\n');
  });
});

describe('the end of a run', () => {
  const text = (...cells: ReturnType<typeof result>[]): string =>
    summaryText(outcome(cells), { ...context, columns: 80, color: false });

  test('is the matrix: scenarios down, targets across, verdict with its numbers', () => {
    const cells = [
      result(),
      result({ arch: 'mipsel', verdict: 'breached' }),
      result({
        scenario: scenarioId('yama/denied'),
        verdict: 'unsupported',
        expected: 'unsupported',
        lanes: {},
      }),
    ];
    expect(matrixTable(cells, 120, plain).split('\n')).toEqual([
      '             arm/debian-6.1    mipsel/debian-6.1',
      'argv/swap    ✔ held 42% <0.50  ✘ breached* 42%',
      'yama/denied  – unsupported',
      '',
      'n%: control trials that breached · <p: bound on the chance that a schedule breaches (95 %) · *: not as expected',
    ]);
  });

  test('explains itself in lines that fit', () => {
    const lines = matrixTable([result()], 60, plain).split('\n');
    expect(lines.slice(-2)).toEqual([
      'n%: control trials that breached',
      '<p: bound on the chance that a schedule breaches (95 %)',
    ]);
  });

  test('breaks a wide matrix into blocks that fit', () => {
    const cells = (['x86_64', 'arm', 'mipsel', 'arm64'] as const).map((arch) => result({ arch }));
    const lines = matrixTable(cells, 50, plain).split('\n').slice(0, -1);
    expect(lines.filter((line) => line.startsWith('argv/swap'))).toHaveLength(2);
    expect(lines.every((line) => [...line].length <= 50)).toBe(true);
  });

  test('says for each surprise why, what to type, and where the console is', () => {
    const written = text(
      result(),
      result({ arch: 'mipsel', verdict: 'hung', capsules: ['c/x.capsule.json'] }),
    );
    expect(written).toContain(
      [
        '∞ hung* argv/swap@mipsel/debian-6.1 (expected held)',
        '  it is hung',
        '  again:   npm run matrix -- --scenario argv/swap --arch mipsel --kernel debian-6.1 --seed 1',
        '  console: reports/runs/x/consoles/swap.log',
        '  capsule: reports/runs/x/c/x.capsule.json',
      ].join('\n'),
    );
    expect(written).toContain('1 held, 1 hung; 1 of 2 as expected\n41.3 s, seed 1, qemu 10.0.2');
  });

  test('says nothing more of cells that are as expected, but their findings', () => {
    const written = text(result({ findings: ['the kernel and the victim disagree'] }));
    expect(written).not.toContain('again:');
    expect(written).toContain('findings argv/swap@arm/debian-6.1\n  the kernel and the victim disagree');
  });

  test('says once why targets cannot be had', () => {
    const gone = {
      verdict: 'unavailable',
      reason: '6.13: its source cannot be reached; --kernel-source',
    } as const;
    const written = text(
      result(gone),
      result({ ...gone, arch: 'x86_64' }),
      result({ ...gone, reason: 'something else' }),
    );
    expect(written).toContain(
      '2 cells on arm/debian-6.1, x86_64/debian-6.1\n  6.13: its source cannot be reached; --kernel-source\n',
    );
    expect(written).toContain('1 cell on arm/debian-6.1\n  something else\n');
    expect(written.split('cannot be reached')).toHaveLength(2);
    expect(written).not.toContain('again:');
  });

  test('keeps the lines of a compiler and obeys nobody', () => {
    const written = text(
      result({ verdict: 'error', reason: `attack.c:1:1: no\n  int x;\n${HOSTILE}`, findings: [HOSTILE] }),
    );
    expect(written).toContain('  attack.c:1:1: no\n    int x;\n');
    expect(written).toMatch(HARMLESS);
  });

  test('has colour only when asked for', () => {
    const colored = summaryText(outcome([result()]), { ...context, columns: 80, color: true });
    expect(colored).toContain('\u001b[32m');
    expect(stripVTControlCharacters(colored)).toBe(text(result()));
  });
});
