import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../../lib/process.ts';
import type { Edit } from '../catalogue.ts';
import type { Context } from '../context.ts';
import { applyEdits } from './edits.ts';
import { takeLock, tryLock } from './lock.ts';
import { startLog, type Workplace } from './make.ts';

const FOLDER = 'kernel-build';
const LOCK = '.lock';
const DAY_MS = 86_400_000;
/** What an interrupted build left is worth going on with for this long. */
const KEPT_DAYS = 7;
const FARM_LIMIT_SECONDS = 600;

/** A folder to build in, that nobody else builds in at the same time. */
export interface LockedWorkplace extends AsyncDisposable {
  dir: string;
}

/**
 * The folder of one build, by the key of what is built: so that a build that was interrupted goes on where it was, two
 * of the same wait for each other, and different ones do not meet.
 */
export async function lockWorkplace(
  context: Context,
  key: string,
  onWait: () => void,
): Promise<LockedWorkplace> {
  const root = await context.cache.folder(FOLDER);
  await sweep(context, root, key);
  const lock = await takeLock(lockOf(root, key), context.signal, onWait);
  const dir = path.join(root, key);
  await mkdir(dir, { recursive: true });
  const now = new Date();
  await utimes(dir, now, now);
  return { dir, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() };
}

/** Beside the folder, and never removed: whoever waits for it must wait for the same file as those who come later. */
const lockOf = (root: string, key: string): string => path.join(root, `${key}${LOCK}`);

/** Sets up what make needs, or finds it as it was left. */
export async function openWorkplace(
  context: Context,
  dir: string,
  tree: string,
  edits: readonly Edit[],
): Promise<Workplace> {
  const place = { objects: path.join(dir, 'objects'), log: path.join(dir, 'log') };
  await mkdir(place.objects, { recursive: true });
  await startLog(place.log);
  return { ...place, tree: edits.length > 0 ? await farmOf(context, dir, tree, edits) : tree };
}

/** Links to all files of a tree, which itself is never written to. */
async function farmOf(context: Context, dir: string, tree: string, edits: readonly Edit[]): Promise<string> {
  const farm = path.join(dir, 'source');
  // A new copy of a changed file would be newer than what was compiled of it.
  if (existsSync(farm)) return farm;
  const building = `${farm}.new`;
  await rm(building, { recursive: true, force: true });
  await mkdir(building, { recursive: true });
  const names = (await readdir(tree)).filter((name) => name !== '.git').map((name) => path.join(tree, name));
  const options = { signal: context.signal, env: context.env, limitSeconds: FARM_LIMIT_SECONDS };
  await run('cp', ['-rs', '-t', building, '--', ...names], options);
  await applyEdits(building, edits);
  await rename(building, farm);
  return farm;
}

/** Of a build that is done nothing is needed any more. */
export async function emptyWorkplace(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true });
}

/** Removes what builds left that nobody went on with. */
async function sweep(context: Context, root: string, own: string): Promise<void> {
  for (const name of await readdir(root)) {
    const found = await stat(path.join(root, name)).catch(() => undefined);
    const age = found?.isDirectory() ? context.now().getTime() - found.mtimeMs : 0;
    if (name === own || age < KEPT_DAYS * DAY_MS) continue;
    await using lock = await tryLock(lockOf(root, name), context.signal);
    if (lock) await emptyWorkplace(path.join(root, name));
  }
}
