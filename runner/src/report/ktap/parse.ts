/**
 * KTAP, version 1 (Documentation/dev-tools/ktap.rst), and the TAP 13 and 14 that kernel selftests still write: out of a console's
 * text, between whatever else stands there.
 */

export type KtapOutcome = 'passed' | 'failed' | 'skipped' | 'todo' | 'missing';

/** One test that has none below it. */
export interface KtapTest {
  /** Its name behind those that it is part of. */
  path: string[];
  outcome: KtapOutcome;
  /** Behind a directive: why it was skipped. */
  why: string;
}

interface Line {
  /** How far it is indented: two columns, or a `# ` of a selftest, or more, for each level. */
  width: number;
  text: string;
}

const RESULT = /^(not )?ok(?: (\d+))?(?: -? ?(.*))?$/;
const PLAN = /^1\.\.(\d+)(?: *# *(.*))?$/;
const VERSION = /^K?TAP version \d+$/;
/** Behind `#`: a directive and why, or else only why, such as `exit=1`. */
const DIRECTIVE = /^(.*?)(?:^|\s)# *(?:(SKIP|TODO|XFAIL|TIMEOUT|ERROR)\b:?)?\s*(.*)$/i;
/** Deeper than any test goes; what claims to be is not one. */
const WIDEST = 64;
/** Of lines of one level, how much further than another one may be. */
const SLACK = 1;
const TAB = 4;

interface Level {
  width: number;
  planned: number | undefined;
  tests: { number: number; name: string; tests: KtapTest[] }[];
}

/** Undefined where the text has no test result at all. */
export function parseKtap(text: string): KtapTest[] | undefined {
  const levels: Level[] = [];
  const ended: KtapTest[] = [];
  const room = { missing: MOST_MISSING };
  let found = false;
  for (const line of text.split('\n').map(lineOf)) {
    const plan = PLAN.exec(line.text);
    const result = RESULT.exec(line.text);
    const version = VERSION.test(line.text);
    if (!plan && !result && !version) continue;
    if (line.width > WIDEST) continue;
    let depth = depthOf(levels, line.width);
    if (beginsAnother(levels[depth], plan !== null, version)) {
      ended.push(...closed(levels, depth, room));
      depth = depthOf(levels, line.width);
    }
    const level = levels[depth];
    if (!level) continue;
    if (plan) level.planned = Number(plan[1]);
    if (!result) continue;
    found = true;
    addResult(level, result, closed(levels, depth + 1, room));
  }
  if (!found) return undefined;
  return [...ended, ...closed(levels, 0, room)];
}

/**
 * The level of a line that is indented so far, which is there then. One that is further in than all others is below them; one
 * that is further out than what was heard so far, and still in, is of what that is part of.
 */
function depthOf(levels: Level[], width: number): number {
  const empty = (at: number): Level => ({ width: at, planned: undefined, tests: [] });
  if (levels.length === 0) levels.push(empty(0));
  const found = levels.findIndex((level) => level.width + SLACK >= width);
  const depth = found < 0 ? levels.length : found;
  const there = levels[depth];
  if (!there || there.width - SLACK > width) levels.splice(depth, 0, empty(width));
  return depth;
}

/** A console may hold several documents, one behind the other: what the one planned is not made up for by the next. */
const beginsAnother = (level: Level | undefined, isPlan: boolean, isVersion: boolean): boolean =>
  level !== undefined &&
  ((isPlan && level.planned !== undefined) ||
    (isVersion && (level.planned !== undefined || level.tests.length > 0)));

/** A kernel's console puts the time before each line. */
const TIME = /^\[ *\d+\.\d+\](?:\[[^\]]*\])? /;

function lineOf(raw: string): Line {
  const text = raw.replace(/\r$/, '').replace(TIME, '');
  const [indent = ''] = /^(?: |\t|# )*/.exec(text) ?? [];
  const width = [...indent].reduce((sum, sign) => sum + (sign === '\t' ? TAB : 1), 0);
  return { width, text: text.slice(indent.length).trim() };
}

function addResult(level: Level, [, not, number, rest = '']: RegExpExecArray, below: KtapTest[]): void {
  const [, name = rest, directive, why = ''] = DIRECTIVE.exec(rest) ?? [];
  const own = name.trim() || `test ${number ?? level.tests.length + 1}`;
  const outcome = outcomeOf(not !== undefined, directive?.toUpperCase());
  const inner = below.map((test) => ({ ...test, path: [own, ...test.path] }));
  // One that failed although nothing below it did has failed by itself.
  const explained = inner.length > 0 && (outcome !== 'failed' || inner.some(isBad));
  const tests = explained ? inner : [...inner, { path: [own], outcome, why: why.trim() }];
  level.tests.push({
    number: number === undefined ? level.tests.length + 1 : Number(number),
    name: own,
    tests,
  });
}

const isBad = ({ outcome }: KtapTest): boolean => outcome === 'failed' || outcome === 'missing';

function outcomeOf(failed: boolean, directive: string | undefined): KtapOutcome {
  if (directive === 'SKIP') return 'skipped';
  if (directive === 'TODO' || directive === 'XFAIL') return 'todo';
  if (directive !== undefined) return 'failed';
  return failed ? 'failed' : 'passed';
}

/** The tests of a level and of those below it that no result has closed: they are missing the result of what they are part of. */
function closed(levels: Level[], depth: number, room: { missing: number }): KtapTest[] {
  const gone = levels.splice(depth);
  return gone.flatMap(({ planned, tests }) => {
    const seen = new Set(tests.map(({ number }) => number));
    const numbers = Array.from({ length: Math.min(planned ?? 0, MOST_MISSING) }, (_, at) => at + 1);
    const missing = numbers
      .filter((number) => !seen.has(number))
      .slice(0, room.missing)
      .map(
        (number): KtapTest => ({
          path: [`test ${number}`],
          outcome: 'missing',
          why: `${planned} tests were planned`,
        }),
      );
    room.missing -= missing.length;
    return [...tests.flatMap((test) => test.tests), ...missing];
  });
}

/** Plans are a guest's word: all of a text together. */
const MOST_MISSING = 10_000;
