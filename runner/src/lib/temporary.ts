import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { withLabErrors } from './cache.ts';
import { ownerIsAlive, ownName } from './owner.ts';

const PREFIX = 'photofinish-';
/** Folders that say whose they are. Others with our name belong to somebody who cannot be asked: tests, fuzzers. */
const OWNED = /^photofinish-(\d+\.\d+)-/;
/** Room for a socket's name behind the folder's: sun_path has 108 bytes with its NUL (unix(7)). */
const LONGEST = 90;
const SHORT_PLACE = '/tmp';

/** A folder of this process's own. Its name says whose it is, so that a later run can tell what a killed one left. */
export async function temporaryFolder(): Promise<string> {
  const name = `${PREFIX}${ownName()}-`;
  const usual = path.join(tmpdir(), name);
  const place = usual.length > LONGEST ? path.join(SHORT_PLACE, name) : usual;
  return withLabErrors(path.dirname(place), () => mkdtemp(place));
}

/** Removes the folders of processes that are gone. */
export async function sweepTemporaryFolders(): Promise<void> {
  for (const place of new Set([tmpdir(), SHORT_PLACE])) {
    for (const name of await readdir(place).catch(() => [])) {
      const owner = OWNED.exec(name)?.[1];
      if (owner === undefined || (await ownerIsAlive(owner))) continue;
      await rm(path.join(place, name), { recursive: true, force: true });
    }
  }
}
