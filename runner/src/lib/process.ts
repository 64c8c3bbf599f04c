import { execa } from 'execa';
import { LabError } from './errors.ts';

export interface RunOptions {
  signal: AbortSignal;
  cwd?: string;
  /** The whole environment; without it the caller's own is inherited. */
  env?: Readonly<Record<string, string | undefined>>;
  input?: string | Uint8Array;
  /** Wall seconds until the process and all that it started are ended. */
  limitSeconds: number;
  /** How much of standard output is kept, the newest; 16 MiB unless said. */
  outputLimit?: number;
  /** Sees all output as it comes, standard output and standard error alike. */
  onOutput?: (chunk: Buffer) => void;
  /** Exit statuses that are no failure; only 0 unless said. */
  accept?: readonly number[];
}

export interface RunResult {
  stdout: string;
  stderr: string;
  status: number;
  /** Older output was dropped because there was more than the limit. */
  truncated: boolean;
}

const OUTPUT_LIMIT = 16 * 1024 * 1024;
const ERROR_LIMIT = 64 * 1024;
/** How many of a failed program's last lines are worth a person's time. */
const LAST_LINES = 8;
const KILL_AFTER_SECONDS = 5;
/** Exit statuses of timeout(1). */
const TIMED_OUT = 124;
const KILLED_AFTER_TIMEOUT = 137;
/** Exit status of setpriv(1) when the program is not there. */
const NOT_FOUND = 127;

/**
 * The words that start a program so that it ends with us and in time: the kernel kills it when we are gone, however
 * we went, and timeout(1) ends its whole process group.
 */
export function superviseArgv(
  limitSeconds: number,
  file: string,
  args: readonly string[],
): [string, string[]] {
  const die = ['--pdeathsig', 'KILL'];
  const limit = ['timeout', '-k', String(KILL_AFTER_SECONDS), String(Math.ceil(limitSeconds))];
  return ['setpriv', [...die, ...limit, 'setpriv', ...die, file, ...args]];
}

/** Runs a program to its end. A failure is a LabError with the program's own last lines; an abort throws its reason. */
export async function run(file: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  options.signal.throwIfAborted();
  const stdout = new Tail(options.outputLimit ?? OUTPUT_LIMIT);
  const stderr = new Tail(ERROR_LIMIT);
  const result = await start(file, args, options, stdout, stderr);
  options.signal.throwIfAborted();
  // The signal for one that ignores the first ends timeout(1) as well.
  const overdue = result.signal === 'SIGKILL' && result.durationMs >= options.limitSeconds * 1000;
  if (result.signal !== undefined && !overdue) throw killed(file, result.signal, stderr.text());
  const status = overdue ? KILLED_AFTER_TIMEOUT : result.exitCode;
  if (status === undefined) throw notStarted(file, result.cause ?? result.originalMessage);
  const outcome = { stdout: stdout.text(), stderr: stderr.text(), status, truncated: stdout.truncated };
  if ((options.accept ?? [0]).includes(outcome.status)) return outcome;
  throw failure(file, args, options, outcome);
}

async function start(file: string, args: readonly string[], options: RunOptions, stdout: Tail, stderr: Tail) {
  const [supervisor, words] = superviseArgv(options.limitSeconds, file, args);
  const child = execa(supervisor, words, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: definedOnly(options.env), extendEnv: false }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    cancelSignal: options.signal,
    forceKillAfterDelay: (KILL_AFTER_SECONDS + 1) * 1000,
    reject: false,
    buffer: false,
    encoding: 'buffer',
  });
  child.once('exit', (status, signal) => {
    if (options.signal.aborted || signal !== null || timedOut(status)) killGroup(child.pid);
  });
  child.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));
  const { onOutput } = options;
  if (onOutput) for (const stream of [child.stdout, child.stderr]) stream?.on('data', onOutput);
  return child;
}

/**
 * What was being started just when the end came may have missed the signal to its group, and would hold our pipes open.
 * timeout(1) leads a group of its own, whose number stays taken for as long as somebody is left in it.
 */
export function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody was left, which is the usual case.
  }
}

const timedOut = (status: number | null): boolean => status === TIMED_OUT || status === KILLED_AFTER_TIMEOUT;

/** The newest bytes of a stream, up to a limit. */
class Tail {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  truncated = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes > this.#limit) this.#dropOldest();
  }

  #dropOldest(): void {
    const [oldest] = this.#chunks;
    if (oldest === undefined) return;
    const surplus = Math.min(this.#bytes - this.#limit, oldest.length);
    if (surplus === oldest.length) this.#chunks.shift();
    else this.#chunks[0] = oldest.subarray(surplus);
    this.#bytes -= surplus;
    this.truncated = true;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

function failure(file: string, args: readonly string[], options: RunOptions, outcome: RunResult): LabError {
  if (outcome.status === NOT_FOUND && outcome.stderr.startsWith('setpriv:'))
    return notStarted(file, outcome.stderr.trim());
  const words = lastLines(outcome.stderr) || lastLines(outcome.stdout);
  const late = timedOut(outcome.status);
  const how = late ? `did not end within ${options.limitSeconds} s` : `failed with status ${outcome.status}`;
  const command = [file, ...args].join(' ').slice(0, 200);
  return new LabError(`${file} ${how}${words ? `:\n${words}` : ''}`, {
    code: late ? 'program-timed-out' : 'program-failed',
    cause: new Error(`${command}: status ${outcome.status}`),
  });
}

/** timeout(1) ends by the signal that the program was ended by. */
function killed(file: string, signal: string, said: string): LabError {
  const words = lastLines(said);
  return new LabError(`${file} was killed by ${signal}${words ? `:\n${words}` : ''}`, {
    code: 'program-killed',
    hint: 'somebody else ended it, or the machine ran out of memory (`dmesg` says so)',
  });
}

function notStarted(file: string, cause: unknown): LabError {
  return new LabError(`${file} cannot be started`, {
    code: 'program-missing',
    hint: '`npm run doctor` says what this machine lacks',
    cause,
  });
}

/** The end of a program's words, for a message. */
export function lastLines(text: string, count = LAST_LINES): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-count).join('\n');
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}
