import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Writes a whole file or nothing: readers, and whoever looks after a crash, never see half of one. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const dir = path.dirname(file);
  // Two writers in one process may be at it at once, so the name is nobody else's.
  const temporary = path.join(dir, `.${path.basename(file)}.${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(dir, { recursive: true });
    await writeThrough(temporary, text);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
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
