import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CAPSULE_SUFFIX, TIMELINE_SUFFIX, TRACE_SUFFIX } from '../../lib/capsule.ts';
import { repeatsText } from '../../lib/certificate.ts';
import { LANES, type Lane } from '../../lib/ids.ts';
import { isThere } from '../../lib/is-there.ts';
import type { CellResult, LaneResult } from '../../lib/verdict.ts';
import { cutTo } from '../printable.ts';
import { rerunCommand, shellWord } from '../rerun.ts';
import type { StoredRun } from '../stored/stored-run.ts';
import { timelineFileSchema } from '../timeline/excerpt-file.ts';
import type {
  PageCell,
  PageConsole,
  PageData,
  PageLane,
  PageTimeline,
  PageTrend,
  TrendCell,
} from './page-data.ts';

/** A run's folder as the data of its page. */

export interface PageOptions {
  /** The run's folder. */
  dir: string;
  /** As a person would write it. */
  shownDir: string;
  trend: PageTrend | null;
  /** That the data may take, in UTF-8 and escaped as the page holds it. */
  roomBytes: number;
}

/** In characters: of one reason, finding or whatever else a guest or an attack has said. */
const LONGEST = 600;
const MOST_FINDINGS = 8;
/** Of a console, from its end; lines longer than the other are cut. */
const TAIL_BYTES = 4096;
const LONGEST_LINE = 400;
const MOST_TIMELINES = 3;

export async function pageOf(stored: StoredRun, options: PageOptions): Promise<PageData> {
  const { run, scenarios } = stored;
  const cells = stored.cells.map((cell) => pageCell(cell, run.rerun, options.shownDir));
  const data: PageData = {
    run: {
      ...{ id: run.id, startedAt: run.startedAt, seconds: run.seconds, command: run.command },
      ...{
        seed: run.seed,
        profile: run.profile,
        qemu: run.host?.qemu ?? null,
        cores: run.host?.cores ?? null,
      },
    },
    ...{ scenarios, cells, notes: stored.notes, trend: options.trend },
  };
  return withExtras(data, options);
}

/** Into what the plain facts leave of the room: the cells that a reader looks at first, first; then what came before. */
async function withExtras(data: PageData, { dir, roomBytes }: PageOptions): Promise<PageData> {
  const trend = data.trend && { ...data.trend, cells: [] };
  let left = Math.max(0, roomBytes - sizeOf({ ...data, trend }));
  const filled = new Map<PageCell, PageCell>();
  const fill = async (cells: readonly PageCell[]): Promise<void> => {
    for (const cell of cells) {
      const whole = await withFiles(dir, cell);
      const bytes = sizeOf(whole) - sizeOf(cell);
      if (bytes > left) continue;
      left -= bytes;
      filled.set(cell, whole);
    }
  };
  const breached = ({ verdict }: PageCell): number => (verdict === 'breached' ? 1 : 0);
  const ordered = [...data.cells].sort((a, b) => breached(b) - breached(a));
  await fill(ordered.filter(({ asExpected }) => !asExpected));
  const known = trendCells(data.trend?.cells ?? [], left);
  left -= sizeOf(known) - sizeOf([]);
  await fill(ordered.filter(({ asExpected }) => asExpected));
  const [without, unknown] = [
    data.cells.length - filled.size,
    (data.trend?.cells.length ?? 0) - known.length,
  ];
  return {
    ...data,
    cells: data.cells.map((cell) => filled.get(cell) ?? cell),
    trend: trend && { ...trend, cells: known },
    notes: [
      ...data.notes,
      ...(without > 0
        ? [
            `No room here for what ${without} cells have of timelines and consoles: it is in the run's folder.`,
          ]
        : []),
      ...(unknown > 0 ? [`No room here for what ${unknown} cells came to in the runs before.`] : []),
    ],
  };
}

/** As many as there is room for: flips first, since rates alone move often. */
function trendCells(cells: readonly TrendCell[], roomBytes: number): TrendCell[] {
  const kinds = ({ verdicts }: TrendCell): number => new Set(verdicts.filter((one) => one !== null)).size;
  let left = roomBytes;
  const kept = new Set<TrendCell>();
  for (const cell of [...cells].sort((a, b) => kinds(b) - kinds(a))) {
    left -= sizeOf(cell) + 1;
    if (left >= 0) kept.add(cell);
  }
  return cells.filter((cell) => kept.has(cell));
}

/** With every `<` as an escape of six characters, as the page holds it. */
const sizeOf = (value: unknown): number => {
  const text = JSON.stringify(value);
  return Buffer.byteLength(text) + 5 * (text.split('<').length - 1);
};

function pageCell(cell: CellResult, rerun: readonly string[], shownDir: string): PageCell {
  const { id, scenario, backend, mode, verdict, expected, asExpected, reason, seconds } = cell;
  return {
    ...{ id, scenario, column: id.slice(id.indexOf('@') + 1), mode, verdict, expected, asExpected },
    ...{ kernel: short(kernelOf(cell)), backend: short(backend), reason: short(reason) },
    seconds: Math.round(seconds * 10) / 10,
    breachRateBelow: cell.breachRateBelow,
    lanes: Object.fromEntries(
      LANES.flatMap((lane): [Lane, PageLane][] => {
        const result = cell.lanes[lane];
        return result ? [[lane, pageLane(lane, result)]] : [];
      }),
    ),
    findings: otherFindings(cell).slice(0, MOST_FINDINGS).map(short),
    certificates: (cell.certificates ?? []).map((one) => `seed ${one.seed}: ${repeatsText(one)}`),
    rerun: rerunCommand(cell, { flags: rerun, outDir: shownDir }) ?? null,
    capsules: cell.capsules.filter(isInside).map((file) => ({
      file,
      lane: path.basename(file).split('-')[0] ?? '',
      replay: `npm run replay -- ${[`${shownDir}/${file}`, ...flagsOfReplay(rerun)].map(shellWord).join(' ')}`,
      trace: null,
    })),
    console: cell.console !== null && isInside(cell.console) ? { file: cell.console, tail: null } : null,
    timelines: [],
  };
}

/** Of a text of megabytes only the beginning is looked at; a character is one unit or two. */
const short = <T extends string | null>(text: T): T =>
  (text === null ? null : cutTo(text.slice(0, 2 * LONGEST + 2), LONGEST)) as T;

/** Without what the certificates say, which stand there by themselves. */
function otherFindings({ findings, certificates = [] }: CellResult): string[] {
  const told = new Set(certificates.map((one) => `breach of seed ${one.seed}: ${repeatsText(one)}`));
  return findings.filter((finding) => !told.has(finding));
}

function pageLane(lane: Lane, { schedules, trials, breaches, breachCounts, refused }: LaneResult): PageLane {
  const honest = lane === 'honest';
  return { schedules, trials, crossed: honest ? refused : breaches, counts: honest ? [] : breachCounts };
}

function kernelOf({ kernelRelease, kernelSource }: CellResult): string | null {
  const parts = [kernelRelease, kernelSource].filter((part) => part !== null && part !== undefined);
  return parts.length > 0 ? parts.join(', ') : null;
}

/** Those that say where kernels and scenarios are. */
function flagsOfReplay(rerun: readonly string[]): string[] {
  return rerun.flatMap((word, at) => {
    const value = rerun[at + 1];
    return ['--kernel-source', '--scenarios'].includes(word) && value !== undefined ? [word, value] : [];
  });
}

/** A name of the run's own: what is read and linked lies in its folder. */
const isInside = (file: string): boolean =>
  !path.isAbsolute(file) && !path.normalize(file).startsWith('..') && !/^[a-z]+:/i.test(file);

async function withFiles(dir: string, cell: PageCell): Promise<PageCell> {
  const beside = (file: string, suffix: string): string =>
    path.join(dir, file.slice(0, -CAPSULE_SUFFIX.length) + suffix);
  const timelines: PageTimeline[] = [];
  for (const { file } of cell.capsules.slice(0, MOST_TIMELINES)) {
    const timeline = await readTimeline(beside(file, TIMELINE_SUFFIX));
    if (timeline) timelines.push(timeline);
  }
  const capsules = await Promise.all(
    cell.capsules.map(async (capsule) => {
      const trace = capsule.file.slice(0, -CAPSULE_SUFFIX.length) + TRACE_SUFFIX;
      return { ...capsule, trace: (await isThere(path.join(dir, trace))) ? trace : null };
    }),
  );
  const console = cell.console && (await withTail(dir, cell, cell.console));
  return { ...cell, timelines, capsules, console };
}

/** Undefined where there is none, or none of this version: the capsule is there all the same. */
async function readTimeline(file: string): Promise<PageTimeline | undefined> {
  try {
    const { lane, seed, shape, beside, rows } = timelineFileSchema.parse(
      JSON.parse(await readFile(file, 'utf8')),
    );
    return { lane, seed, shape, beside, rows: rows.map((row) => ({ ...row, text: short(row.text) })) };
  } catch {
    return undefined;
  }
}

/** Of cells that nobody has to look into the file is enough. */
async function withTail(dir: string, { asExpected }: PageCell, console: PageConsole): Promise<PageConsole> {
  if (asExpected) return console;
  try {
    return { ...console, tail: await tailOf(path.join(dir, console.file)) };
  } catch {
    return console;
  }
}

/** As the guest sent it, a character for each byte. */
async function tailOf(file: string): Promise<string> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, size - bytes.length);
  const lines = bytes.subarray(0, bytesRead).toString('latin1').split('\n');
  return lines.map((line) => cutTo(line, LONGEST_LINE)).join('\n');
}
