import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureCheckpoint } from '../../src/guest/checkpoint.ts';
import { findQemu } from '../../src/guest/index.ts';
import { cacheAt, cacheRoot } from '../../src/lib/cache.ts';
import type { KernelId, Target } from '../../src/lib/ids.ts';
import { provisionTarget } from '../../src/provision/index.ts';

/** What lets a run be had again on another machine: the guest that it is forked from is the same to the byte. */

const signal = new AbortController().signal;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'pf-test-'));
});

afterAll(() => rm(dir, { recursive: true, force: true }));

async function payloadOf(target: Target) {
  const provisioned = await provisionTarget(target, {
    scenarios: [],
    ready: false,
    signal,
    onProgress: () => undefined,
    env: process.env,
    cacheRoot: cacheRoot(process.env),
  });
  if (!provisioned.ok) throw new Error(provisioned.reason);
  return provisioned.payload;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

test.each(['x86_64', 'arm', 'mipsel'] as const)(
  'two boots of one payload are one checkpoint: %s',
  async (arch) => {
    const payload = await payloadOf({ arch, kernel: 'debian-6.1' as KernelId });
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
