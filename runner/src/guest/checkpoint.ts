import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Cache } from '../lib/cache.ts';
import { LabError } from '../lib/errors.ts';
import { type GuestEvent, SPLAT } from '../lib/events.ts';
import { type Mode, targetName } from '../lib/ids.ts';
import type { Machine } from '../lib/machines/index.ts';
import type { Payload } from '../lib/payload.ts';
import { run } from '../lib/process.ts';
import { postponeTimer } from './mips-migration.ts';
import { type Login, type Qemu, qemuArgs, type Sockets, type Start } from './qemu.ts';
import type { Qmp } from './qmp.ts';
import { withoutZeroPages } from './saved-memory.ts';
import { savedField } from './saved-state.ts';
import { guestTime, type Heard, listen } from './transcript.ts';
import { EngineTrouble, Vm } from './vm.ts';

/** Raised when what a checkpoint holds changes its meaning. */
const FORMAT = 8;
const MEMORY_FILE = 'memory';
const DEVICES_FILE = 'devices';
const MANIFEST_FILE = 'manifest.json';
const COPY_LIMIT_SECONDS = 120;
/** What QEMU may take to write a booted guest's devices down. */
const SAVE_SECONDS = 60;

const manifestSchema = z.strictObject({
  mailbox: z.string(),
  release: z.string(),
  features: z.record(z.string(), z.number()),
  nextSequence: z.number().int(),
  bootSeconds: z.number(),
});

/** Where the agent is when it waits for its first job, on every arch (native/agent/checkpoint.h). */
const STOP_AT = 0x20_0000n;
/** After an odd number of jobs: a guest that goes on from a breakpoint meets the same one again at once. */
const STOP_AT_ODD = 0x20_0100n;

/** Where the agent calls when it has done so many jobs, before it looks for the next. */
export const stopAfter = (jobs: number): bigint => (jobs % 2 ? STOP_AT_ODD : STOP_AT);

/** What a guest says of itself when it is ready. */
export type Readiness = z.infer<typeof manifestSchema>;

export interface Checkpoint extends Readiness {
  /** The guest's memory, byte for byte; any number of forks map it at once, and none writes to it. */
  memoryFile: string;
  /** The state of everything else, as QEMU migrates it. */
  devicesFile: string;
}

/** A guest that did not become ready; `end` and `console` say what it did instead. */
export class BootFailure extends LabError {
  readonly heard: Heard;

  constructor(target: string, heard: Heard) {
    const detail = heard.end.kind === 'finished' ? 'it never said READY' : heard.end.detail;
    super(`${target} did not boot: ${detail}`, { code: 'boot-failed' });
    this.heard = heard;
  }
}

/**
 * How often a sealed guest may take its boot limit, if it goes on executing instructions: on the wall, which a busy host makes
 * longer, and of its own time, of which boots take 0.1 (x86_64) to 0.8 (arm).
 */
const BOOT_PATIENCE = 4;
/** What a last look at a guest that was not ready by then may take on a busy host: its QEMU is there to answer it. */
const LOOK_SECONDS = 60;

/** Boots a guest up to READY and leaves it stopped. Its QEMU may live for `afterwardsSeconds` from then on. */
export async function bootToReady(
  payload: Payload,
  mode: Mode,
  qemu: Qemu,
  afterwardsSeconds: number,
  signal: AbortSignal,
  into: { login?: Login; memoryFile?: string } = {},
): Promise<{ vm: Vm; ready: Readiness; heard: Heard }> {
  const start: Start = { kind: 'boot', ...into };
  const args = (sockets: Sockets) => qemuArgs(payload, mode, sockets, start);
  const startedAt = performance.now();
  const limitSeconds = payload.machine.bootLimitSeconds;
  const patience = limitSeconds * BOOT_PATIENCE;
  const life = patience + LOOK_SECONDS + afterwardsSeconds;
  const vm = await Vm.start(qemu.binary, args, life, signal);
  try {
    await vm.gdb.setBreakpoint(stopAfter(0));
    const stopped = vm.qmp.event(({ event }) => event === 'STOP', signal);
    // Handled below; a boot that fails ends it by itself.
    stopped.catch(() => undefined);
    const heard = await listen(vm, {
      ...{ signal, limitSeconds },
      ...guestTime(payload.machine, mode, { seconds: patience, wallSeconds: patience }),
      until: isReadyOrStuck,
      release: async () => void (await vm.qmp.call('cont')),
    });
    const event = heard.events.at(-1);
    if (heard.end.kind !== 'finished' || event?.from !== 'agent' || event.event !== 'ready') {
      throw new BootFailure(targetName(payload.target), explainStuck(heard));
    }
    await stopped;
    await vm.gdb.removeBreakpoint(stopAfter(0));
    const ready = {
      mailbox: event.mailbox,
      release: event.release,
      features: event.features,
      nextSequence: heard.nextSequence,
      bootSeconds: (performance.now() - startedAt) / 1000,
    };
    return { vm, ready, heard };
  } catch (error) {
    await vm[Symbol.asyncDispose]();
    throw error;
  }
}

/** Before READY an `error` of the agent's is the end: it stands still behind it. A missing module alone is not. */
const isReadyOrStuck = (event: GuestEvent): boolean =>
  event.from === 'agent' && (event.event === 'ready' || (event.event === 'error' && event.step !== 'module'));

function explainStuck(heard: Heard): Heard {
  const event = heard.events.at(-1);
  if (heard.end.kind !== 'finished' || event?.from !== 'agent' || event.event !== 'error') return heard;
  if (event.step === SPLAT) return { ...heard, end: { kind: 'crashed', detail: event.subject } };
  const detail = `the guest's set-up failed at ${event.step} ${event.subject} (errno ${event.errno})`;
  return { ...heard, end: { kind: 'error', detail } };
}

/** The checkpoint of a payload from the cache, made by one boot when it is not there. */
export async function ensureCheckpoint(
  payload: Payload,
  mode: Mode,
  qemu: Qemu,
  cache: Cache,
  signal: AbortSignal,
): Promise<Checkpoint> {
  const inputs = checkpointInputs(payload, mode, qemu);
  const dir = await cache.entry('checkpoints', inputs, (into) => make(payload, mode, qemu, into, signal));
  const text = await readFile(path.join(dir, MANIFEST_FILE), 'utf8');
  const ready = manifestSchema.parse(JSON.parse(text));
  return { ...ready, memoryFile: path.join(dir, MEMORY_FILE), devicesFile: path.join(dir, DEVICES_FILE) };
}

/** All that decides what a checkpoint holds: the arguments with fixed words where the sockets and files go. */
export function checkpointInputs(payload: Payload, mode: Mode, qemu: Pick<Qemu, 'version'>) {
  const sockets = { qmp: 'qmp', gdb: 'gdb', serial: 'serial' };
  const start: Start = { kind: 'boot', memoryFile: MEMORY_FILE };
  const named = { ...payload, kernelImage: 'kernel', initramfs: 'initramfs' };
  return {
    format: FORMAT,
    payload: payload.key,
    qemu: qemu.version,
    args: qemuArgs(named, mode, sockets, start),
  };
}

async function make(
  payload: Payload,
  mode: Mode,
  qemu: Qemu,
  dir: string,
  signal: AbortSignal,
): Promise<void> {
  const live = path.join(dir, 'live');
  await allocate(live, payload.machine.memoryMiB, signal);
  const { vm, ready } = await bootToReady(payload, mode, qemu, SAVE_SECONDS, signal, { memoryFile: live });
  await using _vm = vm;
  await save(vm.qmp, path.join(dir, DEVICES_FILE), signal);
  await mend(path.join(dir, DEVICES_FILE), payload.machine);
  // What the guest has zeroed takes room in the first file and none in its copy.
  const copy = ['--sparse=always', '--', live, path.join(dir, MEMORY_FILE)];
  await run('cp', copy, { signal, limitSeconds: COPY_LIMIT_SECONDS });
  await rm(live);
  await writeFile(path.join(dir, MANIFEST_FILE), JSON.stringify(ready));
}

/** Takes the room first: a disk that is full is said here, and would end QEMU by a signal later. */
async function allocate(file: string, mebibytes: number, signal: AbortSignal): Promise<void> {
  await run('fallocate', ['--length', `${mebibytes}MiB`, '--', file], {
    signal,
    limitSeconds: COPY_LIMIT_SECONDS,
  });
}

/** Shared memory is left out: it is in its file already, and a fork finds it there (migration/ram.c of QEMU). */
const MIGRATION = {
  capabilities: [
    { capability: 'events', state: true },
    { capability: 'x-ignore-shared', state: true },
  ],
};

async function save(qmp: Qmp, file: string, signal: AbortSignal): Promise<void> {
  await qmp.call('migrate-set-capabilities', MIGRATION);
  await migrated(qmp, signal, () => qmp.call('migrate', { uri: `file:${file}` }));
}

/** What is not to be had by asking QEMU is changed in what it has saved. */
async function mend(devicesFile: string, machine: Machine): Promise<void> {
  const devices = await readFile(devicesFile);
  callItPaused(devices);
  if (!machine.migratesWhole) postponeTimer(devices);
  await writeFile(devicesFile, withoutZeroPages(devices, machine.emptyMemory));
}

/**
 * A guest that a breakpoint stopped was in the run state `debug`, in which no QEMU takes it over (runstate_transitions_def of
 * system/runstate.c); and it cannot be `paused` without going on.
 */
function callItPaused(devices: Buffer): void {
  const size = savedField(devices, 'globalstate', 'size');
  const state = savedField(devices, 'globalstate', 'runstate');
  const was = state.toString('latin1', 0, size.readUInt32BE());
  if (was !== 'debug\0') {
    throw new LabError(`QEMU has saved a guest that was ${JSON.stringify(was)}`, { code: 'checkpoint-form' });
  }
  size.writeUInt32BE(state.write('paused\0', 'latin1'));
}

/** Takes a checkpoint into a QEMU that was started to wait for one; it stays stopped. */
export async function load(qmp: Qmp, file: string, signal: AbortSignal): Promise<void> {
  await qmp.call('migrate-set-capabilities', MIGRATION);
  await migrated(qmp, signal, () => qmp.call('migrate-incoming', { uri: `file:${file}` }));
}

async function migrated(qmp: Qmp, signal: AbortSignal, start: () => Promise<unknown>): Promise<void> {
  const isOver = (status: unknown) => status === 'completed' || status === 'failed';
  const over = qmp.event(({ event, data }) => event === 'MIGRATION' && isOver(data.status), signal);
  // Handled below; this keeps an early failure of `start` from leaving it unhandled.
  over.catch(() => undefined);
  await start();
  const { data } = await over;
  if (data.status === 'completed') return;
  const info = await qmp.call('query-migrate').catch(() => undefined);
  const why =
    info && typeof info === 'object' && 'error-desc' in info ? `: ${String(info['error-desc'])}` : '';
  throw new EngineTrouble(
    `QEMU could not move the guest to or from its checkpoint${why}`,
    'is the disk full? `npm run cache -- list` shows what the cache holds',
  );
}
