import { crc32 } from 'node:zlib';
import { LabError } from '../lib/errors.ts';
import { JOB_BYTES } from '../lib/job.ts';
import type { GdbRemote } from './gdb-remote.ts';

/** The page of docs/formats.md: magic, length, checksum, job. */
const MAGIC = Buffer.from('PFMBOX1\0', 'latin1');
const LENGTH_AT = 8n;

/** What is written behind the magic: length, checksum and job, little-endian whatever the guest is. */
export function mailboxBytes(text: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(text.length, 0);
  header.writeUInt32LE(crc32(text), 4);
  return Buffer.concat([header, text]);
}

/** Writes a job into a stopped guest's mailbox, after a look at whether it is one. */
export async function postJob(gdb: GdbRemote, address: bigint, job: string): Promise<void> {
  const text = Buffer.from(job, 'latin1');
  if (text.length === 0 || text.length > JOB_BYTES) {
    throw new LabError(`a job of ${text.length} bytes does not fit the mailbox`, { code: 'job-size' });
  }
  await gdb.usePhysicalAddresses();
  const magic = await gdb.read(address, MAGIC.length);
  if (!magic.equals(MAGIC)) {
    throw new LabError(`there is no mailbox at 0x${address.toString(16)} of the guest`, {
      code: 'mailbox-missing',
    });
  }
  await gdb.write(address + LENGTH_AT, mailboxBytes(text));
  await gdb.useVirtualAddresses();
}
