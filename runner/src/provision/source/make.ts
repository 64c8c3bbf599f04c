import { createWriteStream } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { LabError } from '../../lib/errors.ts';
import { lastLines, run } from '../../lib/process.ts';
import type { Context, Environment } from '../context.ts';

/** Where a kernel is being built. */
export interface Workplace {
  /** The tree, or a farm of links to it with the catalogue's changes. */
  tree: string;
  /** `O=`: everything that make writes. */
  objects: string;
  /** All that make said, from the first start on. */
  log: string;
}

/** Less urgent than the guests that run meanwhile. */
const NICENESS = '10';
/** Without a fork flock(1) becomes make itself, so that whoever ends the one ends the other. */
const KEEP_OUT = ['flock', '--no-fork'];
const MOST_LINES = 12;

export interface MakeOptions {
  words: readonly string[];
  env?: Readonly<Record<string, string>>;
  limitSeconds: number;
  onLine?: (line: string) => void;
}

/** Thrown by `make` with the words that matter; `message` has no more than a screenful. */
export class MakeFailed extends LabError {
  constructor(words: string, log: string, cause: unknown) {
    super(words, { code: 'make-failed', hint: `all that make said is in ${log}`, cause });
  }
}

export async function make(context: Context, place: Workplace, options: MakeOptions): Promise<void> {
  const { words, limitSeconds } = options;
  const args = ['-C', place.tree, `O=${place.objects}`, ...words];
  await appendFile(place.log, `\n# make ${args.join(' ')}\n`);
  const lines = new Lines(options.onLine);
  try {
    await logged(place.log, async (write) => {
      // Every program of a build has this file open: what a killed build left at work is waited for.
      await run('nice', ['-n', NICENESS, ...KEEP_OUT, `${place.objects}.lock`, 'make', ...args], {
        ...{
          signal: context.signal,
          env: { ...cleanEnvironment(context.env), ...options.env },
          limitSeconds,
        },
        onOutput(chunk) {
          write(chunk);
          lines.add(chunk);
        },
      });
    });
  } catch (error) {
    if (!(error instanceof LabError) || !/^program-(failed|timed-out)$/.test(error.code)) throw error;
    const late = error.code === 'program-timed-out' ? `make did not end within ${limitSeconds} s\n` : '';
    throw new MakeFailed(late + tellingLines(lines.kept()), place.log, error);
  }
}

/** Does the work with a log to write to. A log that cannot be written comes first: a full disk is why work fails. */
async function logged(file: string, work: (write: (chunk: Buffer) => void) => Promise<void>): Promise<void> {
  const log = createWriteStream(file, { flags: 'a' });
  const closed = finished(log).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const failed = await work((chunk) => void log.write(chunk)).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  log.end();
  const first = (await closed) ?? failed;
  if (first) throw first.error;
}

/** What an outer make or a shell of a kernel hacker may have set, and that would change what is built. */
const NOT_OURS =
  /^(MAKEFLAGS|MFLAGS|MAKELEVEL|MAKEOVERRIDES|KBUILD_.*|KCONFIG_.*|K[AC]FLAGS|KCPPFLAGS|LDFLAGS|CFLAGS|ARCH|SRCARCH|CROSS_COMPILE|LOCALVERSION|INSTALL_.*|O|V|C|W|M|LLVM|CC|LD|HOST(CC|CFLAGS|LDFLAGS))$/;

function cleanEnvironment(env: Environment): Record<string, string> {
  const kept = Object.entries(env).flatMap(([name, value]): [string, string][] =>
    value === undefined || NOT_OURS.test(name) ? [] : [[name, value]],
  );
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

/** Of many compilers at work one failed, and the others went on talking: its words come first. */
export function tellingLines(text: string): string {
  const telling = text.split('\n').filter((line) => TELLING.test(line));
  return telling.length > 0 ? telling.slice(0, MOST_LINES).join('\n') : lastLines(text, MOST_LINES);
}

const TELLING =
  /\berror:|\bfatal:|undefined reference|\*\*\*|: not found|No such file|No space left|cannot (find|open)/i;
const KEPT_CHARS = 200_000;

/** Splits output into lines, and keeps the newest of it. */
class Lines {
  readonly #onLine: ((line: string) => void) | undefined;
  #rest = '';
  #kept = '';

  constructor(onLine: ((line: string) => void) | undefined) {
    this.#onLine = onLine;
  }

  add(chunk: Buffer): void {
    const text = chunk.toString('utf8');
    this.#kept = (this.#kept + text).slice(-KEPT_CHARS);
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine?.(line);
  }

  kept(): string {
    return this.#kept;
  }
}

/** Starts the log anew, unless a build goes on that was interrupted. */
export async function startLog(file: string): Promise<void> {
  await readFile(file).catch(() => writeFile(file, ''));
}
