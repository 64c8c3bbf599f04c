import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureCheckpoint, load } from '../../src/guest/checkpoint.ts';
import { findQemu } from '../../src/guest/index.ts';
import { postJob } from '../../src/guest/mailbox.ts';
import { POSTPONED_TICKS, rearmTimer } from '../../src/guest/mips-migration.ts';
import { qemuArgs } from '../../src/guest/qemu.ts';
import { savedField } from '../../src/guest/saved-state.ts';
import { instructionCount, listen } from '../../src/guest/transcript.ts';
import { Vm } from '../../src/guest/vm.ts';
import { cacheAt } from '../../src/lib/cache.ts';
import { PLAIN_JOB, serializeJob } from '../../src/lib/job.ts';
import { PERMISSIVE_POLICY } from '../../src/provision/index.ts';
import { payloadOf } from './here.ts';

/** What lets a run be had again on another machine: the guest that it is forked from is the same to the byte. */

const signal = new AbortController().signal;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'pf-test-'));
});

afterAll(() => rm(dir, { recursive: true, force: true }));

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

test.each(['x86_64', 'arm', 'mipsel'] as const)(
  'two boots of one payload are one checkpoint: %s',
  async (arch) => {
    const payload = await payloadOf(arch);
    const qemu = await findQemu(payload.machine, signal);
    const boot = async (name: string) => {
      const cache = cacheAt(path.join(dir, `${arch}-${name}`));
      const { memoryFile, mailbox } = await ensureCheckpoint(payload, 'sealed', qemu, cache, signal);
      return { memory: await digestOf(memoryFile), mailbox };
    };
    const first = await boot('first');
    expect(await boot('second')).toEqual(first);
    if (arch !== 'x86_64') return;
    // One word more for the kernel, and it is another: the comparison can fail.
    const other = { ...payload, parameters: [...payload.parameters, 'other=1'], key: `${payload.key}-other` };
    const { memoryFile } = await ensureCheckpoint(
      other,
      'sealed',
      qemu,
      cacheAt(path.join(dir, arch)),
      signal,
    );
    expect(await digestOf(memoryFile)).not.toBe(first.memory);
  },
);

test('the first timer of a restored mips CPU comes when it is due, not when its counter has wrapped', async () => {
  const payload = await payloadOf('mipsel');
  const qemu = await findQemu(payload.machine, signal);
  const cache = cacheAt(path.join(dir, 'mipsel-first'));
  const checkpoint = await ensureCheckpoint(payload, 'sealed', qemu, cache, signal);
  const limitSeconds = 60;
  // Stopping a task waits for what only a tick does.
  const warden = ['/bin/warden', 'run', '--events', '3', '--policy', PERMISSIVE_POLICY, '--'];
  const argv = [...warden, '/bin/witness', 'GOOD', '1'];
  const job = { ...PLAIN_JOB, limitMs: 30_000, truth: true, argv };
  const secondsOf = async (devicesFile: string) => {
    const { memoryFile } = checkpoint;
    await using vm = await Vm.start(
      qemu.binary,
      (sockets) => qemuArgs(payload, 'sealed', sockets, { kind: 'incoming', memoryFile }),
      limitSeconds,
      signal,
    );
    await load(vm.qmp, devicesFile, signal);
    await rearmTimer(vm.gdb, payload.machine);
    await postJob(vm.gdb, BigInt(checkpoint.mailbox), serializeJob(job, 'timer'));
    await vm.gdb[Symbol.asyncDispose]();
    const before = await instructionCount(vm);
    const { end } = await listen(vm, {
      ...{ signal, limitSeconds, nextSequence: checkpoint.nextSequence },
      until: (event) => event.from === 'agent' && event.event === 'end',
      release: async () => void (await vm.qmp.call('cont')),
    });
    expect(end).toEqual({ kind: 'finished' });
    const executed = ((await instructionCount(vm)) ?? Number.NaN) - (before ?? Number.NaN);
    return (executed * 2 ** payload.machine.sealedShift) / 1e9;
  };
  expect(await secondsOf(checkpoint.devicesFile)).toBeLessThan(2);

  // As QEMU saved it: the timer due at that very moment, and never taken.
  const devices = await readFile(checkpoint.devicesFile);
  const compare = savedField(devices, 'cpu', 'env.CP0_Compare');
  compare.writeUInt32BE((compare.readUInt32BE() - POSTPONED_TICKS) >>> 0);
  const unmended = path.join(dir, 'unmended');
  await writeFile(unmended, devices);
  expect(await secondsOf(unmended)).toBeGreaterThan(26);
});
