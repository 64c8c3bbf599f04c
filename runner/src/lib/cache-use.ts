import { unlinkSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { ownerIsAlive, ownName } from './owner.ts';

/**
 * Which process uses which cache entry: one file per process below `<cache>/users/`, named by pid and start time
 * (so that a pid that was used again is not mistaken for its forerunner), one entry a line, append only.
 */

const USERS = 'users';
const marked = new Map<string, Promise<void>>();
const removedAtExit = new Set<string>();

export function markInUse(root: string, dir: string): Promise<void> {
  const key = `${root}\n${dir}`;
  const known = marked.get(key);
  if (known) return known;
  const mark = writeMark(root, dir).catch((error: unknown) => {
    marked.delete(key);
    throw error;
  });
  marked.set(key, mark);
  return mark;
}

async function writeMark(root: string, dir: string): Promise<void> {
  const users = path.join(root, USERS);
  await mkdir(users, { recursive: true });
  const file = path.join(users, ownName());
  removeAtExit(file);
  await appendFile(file, `${path.relative(root, dir)}\n`);
}

/** A process that is killed leaves its file; prune removes it. */
function removeAtExit(file: string): void {
  if (removedAtExit.has(file)) return;
  removedAtExit.add(file);
  process.once('exit', () => {
    try {
      unlinkSync(file);
    } catch {
      // It is gone already, or the disk is: nothing is lost either way.
    }
  });
}

/** Whether a live process, this one included, uses an entry. */
export async function isInUse(root: string, dir: string): Promise<boolean> {
  const users = path.join(root, USERS);
  const entry = path.relative(root, dir);
  let used = false;
  for (const name of await readdir(users).catch(() => [])) {
    if (!(await ownerIsAlive(name))) continue;
    const lines = await readFile(path.join(users, name), 'utf8').catch(() => '');
    used ||= lines.split('\n').includes(entry);
  }
  return used;
}

/** Removes the marks of processes that were killed before they could. */
export async function forgetTheDead(root: string): Promise<void> {
  const users = path.join(root, USERS);
  for (const name of await readdir(users).catch(() => [])) {
    if (!(await ownerIsAlive(name))) await rm(path.join(users, name), { force: true });
  }
}
