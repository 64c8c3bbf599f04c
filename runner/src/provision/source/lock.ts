import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { LabError } from '../../lib/errors.ts';

/** flock(1)'s own exit status when somebody else has it. */
const BUSY = 1;

/**
 * Holds a lock file until it is disposed of. A program of ours holds it, which ends when its standard input does: so the
 * lock is given up however this process ends, and there is nothing stale to clean up. undefined: somebody else has it.
 */
async function hold(
  file: string,
  signal: AbortSignal,
  flags: readonly string[],
): Promise<AsyncDisposable | undefined> {
  signal.throwIfAborted();
  const child = spawn('flock', [...flags, file, 'sh', '-c', 'echo; exec cat >&2'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    // A terminal's Ctrl-C must not take the lock away before what it guards has ended.
    detached: true,
  });
  const ended = once(child, 'close');
  const stop = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  try {
    const first = await Promise.race([once(child.stdout, 'data').then(() => 'held' as const), ended]);
    if (first === 'held') {
      return {
        async [Symbol.asyncDispose]() {
          child.stdin.end();
          await ended;
        },
      };
    }
    signal.throwIfAborted();
    if (child.exitCode === BUSY) return undefined;
    throw new LabError(`${file} cannot be locked: flock ended with ${child.exitCode}`, {
      code: 'lock-failed',
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Waits for it; `onWait` is called when somebody else has it. */
export async function takeLock(
  file: string,
  signal: AbortSignal,
  onWait: () => void,
): Promise<AsyncDisposable> {
  const free = await tryLock(file, signal);
  if (free) return free;
  onWait();
  const held = await hold(file, signal, ['-x']);
  if (held) return held;
  throw new LabError(`${file} cannot be locked`, { code: 'lock-failed' });
}

export const tryLock = (file: string, signal: AbortSignal): Promise<AsyncDisposable | undefined> =>
  hold(file, signal, ['-x', '-n']);
