import type { Verdict } from '../../runner/src/lib/verdict.ts';
import type {
  PageCell,
  PageData,
  PageLane,
  PageTimeline,
  PageTrend,
  TrendCell,
  TrendRun,
} from '../../runner/src/report/page/page-data.ts';
import type { TimelineRow } from '../../runner/src/report/timeline/excerpt-file.ts';
import { VERDICTS } from './model/verdicts.ts';

/** A page's data, made up: every verdict, every part of a cell, and strings that wish the page ill. */

const HOSTILE = [
  '</script><img src=x onerror=alert(1)>',
  '\u001b[2J\u001b[31mgone\u0007',
  'allowed \u202edeined\u202c \u2066x\u2069\u200b',
  '<!--<script>alert(2)</script>-->\u2028\0',
] as const;

const SCENARIOS = [
  ...['argv/after-failure', 'argv/descriptor', 'argv/exec-storm', 'argv/far-places', 'argv/orphan-writer'],
  ...['argv/shared-memory-peer', 'argv/thread-relay', 'argv/thread-rewrite', 'argv/vm-sibling'],
  ...['deep-args/bind-address', 'deep-args/clone3-flags', 'deep-args/openat2-how', 'deep-args/path-rewrite'],
  ...['foreign-abi/int80', 'foreign-abi/socketcall', 'fork/clone3', 'fork/raw-fork'],
  ...['lifecycle/fork-bomb', 'lifecycle/pid-reuse', 'lifecycle/warden-killed', 'scope/core-pattern'],
  ...['truth/open-rewrite', 'yama/denied', 'yama/relational'],
];

const COLUMNS = [
  ...['x86_64/debian-6.1', 'arm/debian-6.1', 'mipsel/debian-6.1', 'x86_64/4.10', 'arm/4.10', 'mips/4.10'],
  ...['mipsel/4.10', 'x86_64/6.13', 'arm/6.13', 'mips/6.13', 'arm64/debian-6.12', 'x86_64/debian-6.1+trace'],
];

const RUNS = 12;
const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 2, 4, 3, 15);

type Random = () => number;

/** mulberry32: the same numbers on every machine. */
function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = <T>(from: readonly T[], random: Random, otherwise: T): T =>
  from[Math.floor(random() * from.length)] ?? otherwise;

export function exampleCell(given: Partial<PageCell>): PageCell {
  const scenario = given.scenario ?? 'argv/thread-rewrite';
  const column = given.column ?? 'arm/debian-6.1';
  const id = `${scenario}@${column}`;
  return {
    ...{ id, scenario, column, kernel: '6.1.0-50, package 6.1.170-1', backend: 'notify', mode: 'sealed' },
    ...{ verdict: 'held', expected: 'held', asExpected: true, reason: null, seconds: 3.1 },
    ...{ breachRateBelow: null, lanes: {}, findings: [], certificates: [] },
    rerun: `npm run matrix -- --scenario ${scenario} --arch arm --kernel debian-6.1 --seed 1`,
    ...{ capsules: [], console: null, timelines: [] },
    ...given,
  };
}

const REASONS: Readonly<Record<Verdict, string | null>> = {
  held: null,
  breached: 'the guarded lane was breached 4 times in 100 trials (2 of 10 schedules)',
  overblocked: '2 of 10 honest trials were not done; the warden killed pid 217 at exec /usr/bin/true',
  inconclusive: 'the attack has no teeth here: none of 40 control trials breached',
  unsupported: 'the target lacks user-notification',
  unavailable: 'no arm64 kernel of 4.10 is in the catalogue; npm run kernels -- build 4.10 --arch arm64',
  crashed: `Kernel panic - not syncing: Fatal exception in interrupt ${HOSTILE[1]}`,
  hung: 'the guest said nothing for 60 s, in schedule 3 of lane guarded',
  error: `the attack could not be built: attack.c:12:1: error: ${HOSTILE[0]}\n  12 | int main\n     | ^~~\n${'long '.repeat(300)}`,
};

function laneOf(random: Random, schedules: number, perSchedule: number, rate: number): PageLane {
  const hits = (): number => Array.from({ length: perSchedule }, random).filter((one) => one < rate).length;
  const counts = Array.from({ length: schedules }, hits);
  const crossed = counts.reduce((sum, one) => sum + one, 0);
  return { schedules, trials: schedules * perSchedule, crossed, counts };
}

function lanesOf(verdict: Verdict, random: Random): PageCell['lanes'] {
  if (verdict === 'unavailable' || verdict === 'unsupported') return {};
  const control = laneOf(random, 4, 10, verdict === 'inconclusive' ? 0 : 0.3 + 0.7 * random());
  if (verdict === 'hung' || verdict === 'error') return { control };
  const guarded = laneOf(random, 10, 10, verdict === 'breached' ? 0.06 : 0);
  const honest = { ...laneOf(random, 2, 5, verdict === 'overblocked' ? 0.3 : 0), counts: [] };
  return { control, guarded, honest };
}

const row = (at: number | null, besideAt: number | null, given: Partial<TimelineRow>): TimelineRow => ({
  ...{ at, besideAt, track: 'attacker', text: 'wrote argv1=EVIL', breach: false, firstDifference: false },
  ...given,
});

function comparedTimeline(): PageTimeline {
  return {
    ...{ lane: 'guarded', seed: '14159265358979323846', shape: 'single-shot', beside: '2718281828459045235' },
    rows: [
      row(-3.412, -3.409, { track: 'agent', text: 'start job 7' }),
      row(-2.034, -2.031, { track: 'victim', text: 'exec /usr/bin/id GOOD' }),
      row(-1.998, -1.995, { track: 'warden', text: 'stopped victim, syscall exec' }),
      row(-1.24, -1.239, { track: 'warden', text: 'read argv1=GOOD' }),
      row(-0.871, null, { text: 'wrote argv1=EVIL', firstDifference: true }),
      row(null, -0.86, { track: 'warden', text: 'judged allow' }),
      row(-0.62, null, { track: 'warden', text: `judged allow ${HOSTILE[2]}` }),
      row(null, -0.41, { text: 'wrote argv1=EVIL, too late' }),
      row(-0.3, -0.29, { track: 'kernel', text: 'copied argv, 3 strings' }),
      row(0, null, { track: 'kernel', text: 'exec /usr/bin/id EVIL', breach: true }),
      row(null, 0, { track: 'kernel', text: 'exec /usr/bin/id GOOD' }),
      row(0.413, null, { track: 'victim', text: `ran argv1=EVIL ${HOSTILE[0]}`, breach: true }),
      row(1.02, 1.018, { track: 'agent', text: 'end job 7, status 0' }),
    ],
  };
}

function aloneTimeline(): PageTimeline {
  const { rows } = comparedTimeline();
  const own = rows.filter(({ at }) => at !== null);
  return {
    ...{ lane: 'control', seed: '7', shape: 'continuous', beside: null },
    rows: own.map((one) => ({ ...one, besideAt: null, firstDifference: false })),
  };
}

const consoleTail = (): string =>
  [
    '[    0.000000] Linux version 6.1.0-50-armmp (debian-kernel@lists.debian.org)',
    `[    3.141592] attack[217]: ${HOSTILE[1]}${HOSTILE[0]}`,
    `[    3.20000${'0'.repeat(20)}] ${'\t'}registers: r0 : ${'deadbeef '.repeat(600)}`,
    `[    3.300000] ${HOSTILE[2]}`,
    '[    4.000000] reboot: Power down',
  ].join('\r\n');

const certificatesOf = (verdict: Verdict): string[] =>
  verdict === 'breached'
    ? ['seed 14159265358979323846: deterministic: 5 of 5 repeats are the same to the bit']
    : [];

function cellOf(index: number, verdict: Verdict, expected: Verdict, random: Random): PageCell {
  const scenario = scenarioOf(Math.floor(index / COLUMNS.length));
  const column = COLUMNS[index % COLUMNS.length] ?? 'arm/4.10';
  const failed = verdict !== 'held' && verdict !== 'unsupported' && verdict !== 'unavailable';
  const file = `cells/${scenario}@${column}`;
  const capsules = ['guarded', 'control'].map((lane, place) => ({
    ...{ file: `${file}/${lane}.capsule.json`, lane },
    replay: `npm run replay -- 'reports/runs/${file}/${lane}.capsule.json'`,
    trace: place === 0 ? `${file}/${lane}.trace.json` : null,
  }));
  return exampleCell({
    ...{ scenario, column, verdict, expected, asExpected: verdict === expected, reason: REASONS[verdict] },
    ...(verdict === 'unavailable' ? { kernel: null, backend: null } : {}),
    seconds: verdict === 'unavailable' ? 0 : 2 + 9 * random(),
    breachRateBelow: verdict === 'held' ? pick([0.3, 0.38, 0.5, 0.06], random, 0.3) : null,
    lanes: lanesOf(verdict, random),
    findings: failed && random() < 0.5 ? [`pid 217 says argv1=GOOD, the kernel EVIL ${HOSTILE[3]}`] : [],
    certificates: certificatesOf(verdict),
    capsules: verdict === 'breached' ? capsules : [],
    console:
      verdict === 'unavailable' ? null : { file: `${file}/console.log`, tail: failed ? consoleTail() : null },
    timelines: verdict === 'breached' ? [comparedTimeline(), aloneTimeline()] : [],
  });
}

function scenarioOf(index: number): string {
  const name = SCENARIOS[(5 * index) % SCENARIOS.length] ?? 'argv/thread-rewrite';
  const round = Math.floor(index / SCENARIOS.length);
  return round === 0 ? name : `${name}-${round + 1}`;
}

/** Mostly green, as one hopes; each of the others soon, some of them expected. */
function verdictsOf(index: number, random: Random): { verdict: Verdict; expected: Verdict } {
  const rare = index % 7 === 5 ? VERDICTS[1 + (Math.floor(index / 7) % (VERDICTS.length - 1))] : undefined;
  const verdict = rare ?? 'held';
  if (verdict === 'unsupported') return { verdict, expected: verdict };
  const surprising = random() < 0.6;
  if (verdict === 'held') return { verdict, expected: index % 31 === 9 ? 'breached' : 'held' };
  return { verdict, expected: surprising ? 'held' : verdict };
}

const CLAIMS = [
  'The argv the warden approved is the argv that runs, although another thread rewrites it.',
  'A descriptor that is closed and opened again meanwhile is not taken for the one that was judged.',
  'However many execs come at once, each is judged, and none twice.',
  'A path that is too long to be read at once is read to its end.',
] as const;

const claimOf = (scenario: string): string =>
  `${CLAIMS[scenario.length % CLAIMS.length] ?? CLAIMS[0]} (${scenario})`;

export function exampleData(cells: number): PageData {
  const random = randomOf(cells);
  const made = Array.from({ length: cells }, (_, index) => {
    const { verdict, expected } = verdictsOf(index, random);
    return cellOf(index, verdict, expected, random);
  });
  const names = [...new Set(made.map(({ scenario }) => scenario))];
  const trend = trendOf(made, random);
  return {
    run: {
      ...{ id: '20260315-031500-7f3a', startedAt: new Date(START_MS + 11 * DAY_MS).toISOString() },
      ...{ seconds: 343.2, command: 'npm run matrix -- --seed 1', seed: '18446744073709551557' },
      ...{ profile: 'default', qemu: '10.0.2', cores: 2 },
    },
    scenarios: Object.fromEntries(names.map((name) => [name, { claim: claimOf(name) }])),
    cells: made,
    notes: [
      '3 consoles were left out: there was no room for them',
      `cells/${HOSTILE[0]}/x.timeline.json is damaged ${HOSTILE[2]}`,
    ],
    trend,
  };
}

function trendOf(cells: readonly PageCell[], random: Random): PageTrend {
  const runs = Array.from({ length: RUNS }, (_, index) => runOf(index, cells, random));
  const targets = [...new Set(cells.map(({ column }) => column))].map((target, place) => ({
    target,
    seconds: runs.map((_, run) => (place === 3 && run < 4 ? null : 20 + 8 * place + 6 * random())),
  }));
  return {
    ...{ runs, targets, cells: changedCells(cells, random), changes: changesOf(cells) },
    flaky: cells.slice(7, 9).map(({ id }, place) => ({
      cell: id,
      evidence: `held and breached in two runs with seed 1 and the same kernel ${place > 0 ? HOSTILE[2] : ''}`,
    })),
  };
}

function runOf(index: number, cells: readonly PageCell[], random: Random): TrendRun {
  const worse = index === RUNS - 1 ? 0 : Math.floor(random() * Math.min(6, cells.length));
  const counts: Partial<Record<Verdict, number>> = {};
  for (const { verdict } of cells) counts[verdict] = (counts[verdict] ?? 0) + 1;
  counts.held = Math.max(0, (counts.held ?? 0) - worse);
  counts.breached = (counts.breached ?? 0) + worse;
  const asExpected = Math.max(0, cells.filter((cell) => cell.asExpected).length - worse);
  return {
    id: `202603${String(4 + index).padStart(2, '0')}-031500`,
    startedAt: new Date(START_MS + index * DAY_MS).toISOString(),
    ...{ seconds: 320 + 40 * random(), seed: String(index + 1), profile: 'default', qemu: '10.0.2' },
    ...{ counts, cells: cells.length, asExpected },
  };
}

function changedCells(cells: readonly PageCell[], random: Random): TrendCell[] {
  return cells
    .filter((_, index) => index % 5 === 0)
    .slice(0, 40)
    .map(({ id, verdict }) => ({
      id,
      verdicts: Array.from({ length: RUNS }, (_, run): Verdict | null => {
        if (run === RUNS - 1) return verdict;
        if (random() < 0.05) return null;
        return random() < 0.2 ? pick(VERDICTS, random, 'held') : 'held';
      }),
      control: Array.from({ length: RUNS }, () => (random() < 0.05 ? null : 0.4 + 0.3 * random())),
    }));
}

function changesOf(cells: readonly PageCell[]): PageTrend['changes'] {
  return {
    before: '20260314-031500',
    flipped: cells
      .filter(({ verdict }) => verdict !== 'held')
      .slice(0, 8)
      .map(({ id, verdict, asExpected, reason }) => ({
        cell: id,
        from: 'held',
        to: verdict,
        asExpected,
        reason,
      })),
    moved: cells.slice(0, 2).map(({ id }, place) => ({
      ...{ cell: id, lane: 'control', from: 0.575, to: 0.2 + place / 10, p: 0.00031 },
    })),
    gone: ['argv/left@arm/4.10', `argv/${HOSTILE[2]}@arm/4.10`],
    added: cells.slice(-1).map(({ id }) => id),
    test: 'breaches in each schedule of 21 lanes, Wilcoxon-Mann-Whitney, at most 5 % of those told by chance (Benjamini-Hochberg); 45 lanes are the same to the bit',
  };
}
