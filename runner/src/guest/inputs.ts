import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { cacheKey } from '../lib/cache.ts';
import type { CapsuleInputs } from '../lib/capsule.ts';
import type { Mode } from '../lib/ids.ts';
import type { Payload } from '../lib/payload.ts';
import { checkpointInputs } from './checkpoint.ts';
import type { Guest } from './prepare.ts';
import type { Qemu } from './qemu.ts';

/** Two that are equal boot the same on the same QEMU, memory and machine included. */
export const bootKey = (payload: Payload, mode: Mode, qemu: Pick<Qemu, 'version'>): string =>
  `${cacheKey(checkpointInputs(payload, mode, qemu))} on QEMU ${qemu.version}`;

const remembered = new WeakMap<Guest, Promise<CapsuleInputs>>();

/** All that a schedule of this guest depends on beside its job. */
export function runInputs(guest: Guest): Promise<CapsuleInputs> {
  const inputs = remembered.get(guest) ?? readInputs(guest);
  remembered.set(guest, inputs);
  return inputs;
}

async function readInputs({ payload, mode, qemu }: Guest): Promise<CapsuleInputs> {
  const { format, args } = checkpointInputs(payload, mode, qemu);
  return {
    kernel: await digestOf(payload.kernelImage),
    initramfs: await digestOf(payload.initramfs),
    qemu: qemu.version,
    args,
    checkpoint: format,
  };
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}`;
}
