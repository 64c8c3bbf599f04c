import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { LabError } from '../lib/errors.ts';

/** Writes a whole file or nothing: readers, and whoever looks after a crash, never see half of one. */
export async function writeAtomically(file: string, text: string): Promise<void> {
  const temporary = path.join(
    path.dirname(file),
    `.${path.basename(file)}.${randomBytes(6).toString('hex')}`,
  );
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeThrough(temporary, text);
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LabError(`${file} cannot be written: ${why}`, {
      code: 'report-unwritable',
      hint: '--out DIR puts the run elsewhere',
      cause,
    });
  }
}

/** To the disk before the rename, or a power cut leaves an empty file under the final name. */
async function writeThrough(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(text, 'utf8');
    await handle.sync();
  } finally {
    await handle.close();
  }
}
