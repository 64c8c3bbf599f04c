import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Payload } from '../lib/payload.ts';
import { type CpioEntry, writeCpio } from '../provision/index.ts';

/** The same payload with a second archive behind its first; the kernel unpacks one after the other. Its files are in `dir`. */
export async function withArchive(
  payload: Payload,
  dir: string,
  entries: readonly CpioEntry[],
): Promise<Payload> {
  const initramfs = path.join(dir, 'initramfs');
  const second = path.join(dir, 'second.cpio');
  await writeFile(second, writeCpio(entries));
  await pipeline(createReadStream(payload.initramfs), createWriteStream(initramfs));
  await pipeline(createReadStream(second), createWriteStream(initramfs, { flags: 'a' }));
  return { ...payload, initramfs };
}
