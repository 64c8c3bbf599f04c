import { lstat, mkdir, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { runOnce } from '../guest/index.ts';
import { LabError, UserError } from '../lib/errors.ts';
import { PLAIN_JOB, serializeJob } from '../lib/job.ts';
import type { Payload } from '../lib/payload.ts';
import { run } from '../lib/process.ts';
import { temporaryFolder } from '../lib/temporary.ts';
import type { CpioEntry } from '../provision/index.ts';
import { payloadOfTarget } from './payload-of-target.ts';
import type { TargetOptions } from './target-options.ts';
import { withArchive } from './with-archive.ts';

export interface LearnOptions extends TargetOptions {
  /** A folder, or a tar archive, that is the workload's root; null: the guest's own, with busybox in it. */
  rootfs: string | null;
  command: readonly string[];
  /** Guest seconds the workload may take. */
  limitSeconds: number;
  /** A profile also of a workload that does not end well. */
  partial: boolean;
}

export interface Learned {
  /** The profile's text; null where there is none. */
  profile: string | null;
  /** What the workload and `warden learn` said, line by line. */
  said: readonly string[];
  /** As `warden learn` ended: the workload's own status, 128 and more for signals. */
  status: number;
}

/** Where the tree lies in the guest before it becomes the root. */
const ROOT = 'rootfs';
const MIB = 1 << 20;
/** The archive, what is unpacked from it, and room to work in. */
const MEMORY_FOR_FILES = 2.5;
const UNPACK_SECONDS = 600;

/** Runs a command in a guest that is thrown away, and says what it needs. */
export async function learn(options: LearnOptions): Promise<Learned> {
  const { rootfs, command, limitSeconds, partial } = options;
  const own = await payloadOfTarget(options, 'learn');
  const words = [
    ...['/bin/warden', 'learn', '--in-place', '--events', '3', '--limit', String(limitSeconds)],
    ...(partial ? ['--partial'] : []),
    ...(rootfs === null ? [] : ['--root', `/${ROOT}`]),
    ...['--', ...command],
  ];
  const job = serializeJob(
    {
      ...PLAIN_JOB,
      ...{ root: rootfs !== null, limitMs: (limitSeconds + AFTERWARDS_SECONDS) * 1000, argv: words },
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root'],
    },
    'the command',
  );
  const dir = await temporaryFolder();
  try {
    const payload = rootfs === null ? own : await withRoot(own, rootfs, dir, options);
    return await learnIn(payload, job, options);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** How tight a profile is is measured when the workload has ended. */
const AFTERWARDS_SECONDS = 60;

async function learnIn(payload: Payload, job: string, options: LearnOptions): Promise<Learned> {
  const { limitSeconds, signal } = options;
  const heard = await runOnce(payload, 'live', job, {
    ...{ limitSeconds: limitSeconds + AFTERWARDS_SECONDS, signal },
  });
  const said = heard.console.filter((line) => line.startsWith(OURS)).map((line) => line.slice(OURS.length));
  const { end } = heard;
  if (end.kind !== 'finished') {
    throw new LabError(`the guest did not come to its end: ${end.kind}: ${end.detail}`, {
      code: 'learn-guest',
      hint: `the last that it said: ${heard.console.slice(-3).join(' | ')}`,
    });
  }
  const pieces = heard.events.flatMap((event) =>
    event.from === 'warden' && event.event === 'profile' ? [event] : [],
  );
  const exit = heard.events.find((event) => event.from === 'agent' && event.event === 'exit');
  if (exit?.event !== 'exit')
    throw new LabError('the guest did not say how it ended', { code: 'learn-exit' });
  return {
    profile: pieces.at(-1)?.last
      ? Buffer.from(pieces.map(({ text }) => text).join(''), 'latin1').toString('utf8')
      : null,
    said,
    status: exit.status ?? 128 + (exit.signal ?? 0),
  };
}

/** Before each line that the job's command has written. */
const OURS = '| ';

async function withRoot(
  payload: Payload,
  rootfs: string,
  dir: string,
  { env, signal }: LearnOptions,
): Promise<Payload> {
  const tree = await treeOf(rootfs, dir, { env, signal });
  const entries: CpioEntry[] = [{ kind: 'dir', path: ROOT, mode: 0o755 }];
  await collect(tree, ROOT, entries);
  const bytes = entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.content.length : 0), 0);
  const { machine } = payload;
  const memoryMiB = machine.memoryMiB + Math.ceil((bytes / MIB) * MEMORY_FOR_FILES);
  if (memoryMiB > machine.memoryMostMiB) {
    const most = Math.floor((machine.memoryMostMiB - machine.memoryMiB) / MEMORY_FOR_FILES);
    throw new UserError(`${rootfs}: its files have ${Math.ceil(bytes / MIB)} MiB`, {
      code: 'rootfs-too-large',
      hint: `a guest of ${machine.arch} holds its files in memory: at most ${most} MiB of them`,
    });
  }
  return await withArchive({ ...payload, machine: { ...machine, memoryMiB } }, dir, entries);
}

async function treeOf(
  rootfs: string,
  dir: string,
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<string> {
  const found = await stat(rootfs).catch((cause: unknown) => {
    throw new UserError(`${rootfs} cannot be read`, { code: 'rootfs-missing', cause });
  });
  if (found.isDirectory()) return rootfs;
  const tree = path.join(dir, 'tree');
  await mkdir(tree);
  try {
    // A device needs root to be made, and the guest has its own.
    const flags = ['--no-same-owner', '--delay-directory-restore', '--exclude=./dev/*', '--exclude=dev/*'];
    await run('tar', ['-x', '-f', rootfs, '-C', tree, ...flags], {
      ...{ env, signal, limitSeconds: UNPACK_SECONDS },
    });
  } catch (cause) {
    throw new UserError(`${rootfs} is neither a folder nor a tar archive that can be unpacked`, {
      code: 'rootfs-unreadable',
      cause,
    });
  }
  return tree;
}

/** In the order of names, folders before what is in them. Sockets, pipes and devices are left out. */
async function collect(dir: string, name: string, out: CpioEntry[]): Promise<void> {
  for (const entry of (await readdir(dir)).sort()) {
    const from = path.join(dir, entry);
    const at = `${name}/${entry}`;
    const found = await lstat(from);
    const mode = found.mode & 0o7777;
    if (found.isSymbolicLink()) out.push({ kind: 'link', path: at, target: await readlink(from) });
    else if (found.isFile()) out.push({ kind: 'file', path: at, mode, content: await readFile(from) });
    else if (found.isDirectory()) {
      out.push({ kind: 'dir', path: at, mode });
      await collect(from, at, out);
    }
  }
}
