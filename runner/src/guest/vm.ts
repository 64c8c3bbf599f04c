import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { z } from 'zod';
import { LabError } from '../lib/errors.ts';
import { killGroup, lastLines, run, superviseArgv } from '../lib/process.ts';
import { temporaryFolder } from '../lib/temporary.ts';
import { GdbRemote } from './gdb-remote.ts';
import type { Sockets } from './qemu.ts';
import { Qmp } from './qmp.ts';
import { SerialTail } from './serial-tail.ts';

/** QEMU makes its sockets within milliseconds of its start; a loaded machine may take longer. */
const CONNECT_LIMIT_MS = 20_000;
/** A socket that is not there yet has no event to wait for but its appearance. */
const CONNECT_RETRY_MS = 5;
/** How long a QEMU that hung up may take to end by itself. */
const LAST_WORDS_MS = 2000;

/** Ticks of /proc/PID/stat in a second, on every arch that QEMU runs on (time(7)). */
const USER_HZ = 100;

/** How a QEMU process came to its end. */
export interface QemuExit {
  status: number | undefined;
  signal: string | undefined;
  words: string;
}

export function exitText({ status, signal, words }: QemuExit): string {
  const how = signal ? `was killed by ${signal}` : `ended with status ${status}`;
  return `QEMU ${how}${words ? `: ${words}` : ''}`;
}

/** QEMU itself did not do what it was told to; that says nothing of the guest in it. */
export class EngineTrouble extends LabError {
  constructor(message: string, hint?: string) {
    super(message, { code: 'engine-trouble', ...(hint === undefined ? {} : { hint }) });
  }
}

/**
 * One QEMU process with its sockets and its serial port, from start to certain death: disposing kills it, and if we
 * die first the kernel kills it.
 */
export class Vm implements AsyncDisposable {
  readonly qmp: Qmp;
  /** Writes the memory of the stopped guest; to be closed before a fork goes on. */
  readonly gdb: GdbRemote;
  readonly serial: SerialTail;
  /** What is written to it the guest reads from its serial port; of guests that were started so. */
  readonly input: FileHandle | undefined;
  readonly exited: Promise<QemuExit>;
  /** Whether the process is over. */
  ended = false;
  readonly #kill: () => void;

  private constructor(parts: Pick<Vm, 'qmp' | 'gdb' | 'serial' | 'input' | 'exited'> & { kill: () => void }) {
    this.qmp = parts.qmp;
    this.gdb = parts.gdb;
    this.serial = parts.serial;
    this.input = parts.input;
    this.exited = parts.exited;
    this.#kill = parts.kill;
    this.exited.then(() => {
      this.ended = true;
    });
  }

  /** Starts QEMU, stopped, and connects. `limitSeconds` is the most that the process may live. */
  static async start(
    binary: string,
    args: (sockets: Sockets) => string[],
    limitSeconds: number,
    signal: AbortSignal,
    { typed = false } = {},
  ): Promise<Vm> {
    signal.throwIfAborted();
    const dir = await temporaryFolder();
    try {
      const at = (name: string) => path.join(dir, name);
      const sockets: Sockets = { qmp: at('qmp'), gdb: at('gdb'), serial: at('serial') };
      if (typed) sockets.input = at('input');
      return await Vm.#startIn(sockets, superviseArgv(limitSeconds, binary, args(sockets)), signal);
    } finally {
      // Everything is open by now and lives on without a name: whatever ends us, nothing stays behind.
      await rm(dir, { recursive: true, force: true });
    }
  }

  static async #startIn(sockets: Sockets, command: [string, string[]], signal: AbortSignal): Promise<Vm> {
    const input = sockets.input === undefined ? undefined : await makeFifo(sockets.input, signal);
    const serial = new SerialTail(sockets.serial);
    const [file, words] = command;
    const child = execa(file, words, {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      all: true,
      reject: false,
    });
    const exited = child.then((result) => ({
      status: result.exitCode,
      signal: result.signal,
      words: lastLines(result.all ?? ''),
    }));
    // A QEMU that was not yet told to die with its parent would live on, stopped, and hold our pipes open.
    child.once('exit', () => killGroup(child.pid));
    const kill = () => {
      killGroup(child.pid);
      child.kill('SIGKILL');
    };
    try {
      const qmp = await Qmp.open(await reach(sockets.qmp, exited, signal));
      const gdb = await GdbRemote.open(await reach(sockets.gdb, exited, signal));
      return new Vm({ qmp, gdb, serial, input, exited, kill });
    } catch (error) {
      if (isGone(error)) await Promise.race([exited, lastWords()]);
      kill();
      const exit = await exited;
      serial[Symbol.dispose]();
      await input?.close();
      // It ended by itself: its own words say more than a socket that closed.
      throw exit.status === undefined || signal.aborted ? error : startFailure(exit);
    }
  }

  /** Has QEMU itself do something to a guest that stands still; it may not take longer, nor die of it. */
  async within<T>(seconds: number, what: string, work: () => Promise<T>): Promise<T> {
    const watch = new AbortController();
    const late = delay(seconds * 1000, undefined, { signal: watch.signal }).then(() => {
      throw new EngineTrouble(`the engine hung: it did not ${what} within ${seconds} s`);
    });
    const dead = this.exited.then((exit) => {
      throw new EngineTrouble(`the engine died: ${exitText(exit)}; it was to ${what}`);
    });
    try {
      return await Promise.race([work(), late, dead]);
    } catch (error) {
      if (isGone(error)) await Promise.race([dead, lastWords()]);
      throw error;
    } finally {
      watch.abort();
    }
  }

  /** Processor time that QEMU has spent, in seconds; undefined when it is gone. */
  async cpuSeconds(): Promise<number | undefined> {
    const cpus = await this.qmp.call('query-cpus-fast').catch(() => undefined);
    const thread = z.array(z.object({ 'thread-id': z.number() })).safeParse(cpus).data?.[0]?.['thread-id'];
    const stat = await readFile(`/proc/${thread}/stat`, 'utf8').catch(() => '');
    // proc_pid_stat(5): fields 14 and 15, of all threads; the second field, a name in brackets, may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return Number.isFinite(ticks) ? ticks / USER_HZ : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill();
    await this.exited;
    await this.gdb[Symbol.asyncDispose]();
    this.serial[Symbol.dispose]();
    await this.input?.close();
  }
}

/** A QEMU that closed its sockets is about to say why; nobody else gets the time. */
const isGone = (error: unknown): boolean => error instanceof LabError && error.code === 'qemu-gone';

const lastWords = (): Promise<void> => delay(LAST_WORDS_MS, undefined, { ref: false });

/** Open both ways, so that it has a writer when QEMU comes to read, and is never at its end. */
async function makeFifo(file: string, signal: AbortSignal): Promise<FileHandle> {
  await run('mkfifo', ['-m', '600', '--', file], { signal, limitSeconds: 20 });
  return open(file, 'r+');
}

/** Connects to a socket that QEMU is about to make; its death is noticed first. */
export async function reach(file: string, exited: Promise<QemuExit>, signal: AbortSignal): Promise<Socket> {
  const deadline = AbortSignal.timeout(CONNECT_LIMIT_MS);
  let dead: QemuExit | undefined;
  exited.then((exit) => {
    dead = exit;
  });
  for (;;) {
    signal.throwIfAborted();
    if (dead) throw startFailure(dead);
    const socket = await tryConnect(file);
    if (socket) return socket;
    if (deadline.aborted) {
      throw new LabError(`QEMU did not open its socket within ${CONNECT_LIMIT_MS / 1000} s`, {
        code: 'qemu-slow',
      });
    }
    await delay(CONNECT_RETRY_MS);
  }
}

function tryConnect(file: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(file);
    const failed = (error: NodeJS.ErrnoException) => {
      socket.destroy();
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else
        reject(
          new LabError(`cannot connect to QEMU: ${error.message}`, { code: 'qemu-socket', cause: error }),
        );
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      // Later errors are seen as `close`; without a listener they would be thrown.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

function startFailure(exit: QemuExit): LabError {
  return new LabError(`${exitText(exit)} (before it was reached)`, {
    code: 'qemu-failed',
    hint: '`npm run doctor` says whether QEMU and its firmware are whole',
  });
}
