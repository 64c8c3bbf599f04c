import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Cache } from '../lib/cache.ts';
import { checkpointInputs } from './checkpoint.ts';
import type { Guest } from './prepare.ts';
import { runSchedule, type ScheduleOptions } from './schedule.ts';

const FILE = 'certificate.json';
const certificateSchema = z.strictObject({ deterministic: z.boolean() });

/**
 * Whether forks of this guest are a function of their job alone: the same job run twice gives the same digest.
 * Asked once per checkpoint and remembered beside it. Null where it does not apply (live, or no forks), or when a
 * run did not finish: then its own schedule will tell why.
 */
export async function certify(
  guest: Guest,
  job: string,
  cache: Cache,
  options: ScheduleOptions,
): Promise<boolean | null> {
  if (guest.mode !== 'sealed' || !guest.forks) return null;
  const inputs = { certificate: 1, ...checkpointInputs(guest.payload, guest.mode, guest.qemu) };
  const known = await cache.find('certificates', inputs);
  if (known) return readCertificate(known);
  const first = await runSchedule(guest, job, options);
  const second = await runSchedule(guest, job, options);
  if (first.end.kind !== 'finished' || second.end.kind !== 'finished') return null;
  const deterministic = first.digest === second.digest;
  await cache.entry('certificates', inputs, (dir) =>
    writeFile(path.join(dir, FILE), JSON.stringify({ deterministic })),
  );
  return deterministic;
}

async function readCertificate(dir: string): Promise<boolean> {
  const text = await readFile(path.join(dir, FILE), 'utf8');
  return certificateSchema.parse(JSON.parse(text)).deterministic;
}
