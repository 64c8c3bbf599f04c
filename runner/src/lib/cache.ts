import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { forgetTheDead, isInUse, markInUse } from './cache-use.ts';
import { LabError } from './errors.ts';
import { ownerIsAlive, ownName } from './owner.ts';

/** Anything that JSON can say; the order of an object's keys does not matter. */
export type CacheInputs =
  | null
  | boolean
  | number
  | string
  | readonly CacheInputs[]
  | { readonly [key: string]: CacheInputs };

export interface CacheItem {
  kind: string;
  key: string;
  dir: string;
  bytes: number;
  usedAt: Date;
}

export interface PruneResult {
  removed: CacheItem[];
  /** Entries that are old enough but that a live process uses. */
  inUse: CacheItem[];
}

export interface Cache {
  readonly root: string;
  /**
   * The folder that `build` makes out of `inputs`, built at most once. `build` writes into a folder of its own, which
   * is published by one rename: nobody ever sees half an entry, and of two builders the first wins.
   */
  entry(kind: string, inputs: CacheInputs, build: (dir: string) => Promise<void>): Promise<string>;
  /** The folder of an entry if it is there; nothing is built. */
  find(kind: string, inputs: CacheInputs): Promise<string | undefined>;
  /** A folder for state that is not content-addressed and that its owner writes atomically; never pruned. */
  folder(...names: string[]): Promise<string>;
  /** Forgets one entry, for an owner who found out that it is damaged. */
  drop(kind: string, inputs: CacheInputs): Promise<void>;
  list(): Promise<CacheItem[]>;
  prune(options: { olderThanDays: number }): Promise<PruneResult>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const ENTRIES = 'entries';
const STATE = 'state';
const TEMPORARY = '.tmp-';

/** Builders that run in this process, so that two callers who want the same share one build. */
const building = new Map<string, Promise<void>>();

export function cacheRoot(env: Environment): string {
  const base = env.XDG_CACHE_HOME;
  // The XDG specification: a relative path there is to be ignored.
  return path.join(
    base && path.isAbsolute(base) ? base : path.join(env.HOME || homedir(), '.cache'),
    'photofinish',
  );
}

export function openCache(env: Environment): Cache {
  return cacheAt(cacheRoot(env));
}

export function cacheAt(root: string): Cache {
  const place = (kind: string, inputs: CacheInputs): string =>
    path.join(root, ENTRIES, kind, cacheKey(inputs));
  return {
    root,
    async entry(kind, inputs, build) {
      const dir = place(kind, inputs);
      return withLabErrors(root, async () => {
        // The mark comes first: whoever prunes looks at the marks after it has taken an entry away.
        await markInUse(root, dir);
        if (!(await exists(dir))) await buildOnce(dir, build);
        await touch(dir);
        return dir;
      });
    },
    async find(kind, inputs) {
      const dir = place(kind, inputs);
      return withLabErrors(root, async () => {
        await markInUse(root, dir);
        if (!(await exists(dir))) return undefined;
        await touch(dir);
        return dir;
      });
    },
    async folder(...names) {
      const dir = path.join(root, STATE, ...names);
      return withLabErrors(root, async () => {
        await mkdir(dir, { recursive: true });
        return dir;
      });
    },
    drop: (kind, inputs) => removeAside(place(kind, inputs)),
    list: () => list(root),
    prune: ({ olderThanDays }) => prune(root, olderThanDays),
  };
}

/** SHA-256 over the inputs, whatever order their keys come in. */
export function cacheKey(inputs: CacheInputs): string {
  return createHash('sha256').update(canonical(inputs)).digest('hex').slice(0, 40);
}

/**
 * Behind a build whose inputs somebody may edit meanwhile: they are read again, and what was made of others than those that it
 * would be found under is not kept.
 */
export async function checkUnchanged(
  what: string,
  before: CacheInputs,
  inputs: () => Promise<CacheInputs>,
): Promise<void> {
  if (cacheKey(await inputs()) === cacheKey(before)) return;
  throw new LabError(`the sources of ${what} were changed while it was built`, {
    code: 'source-changed',
    hint: 'run it again, and leave them alone meanwhile',
  });
}

function canonical(value: CacheInputs): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}

const isList = (value: CacheInputs): value is readonly CacheInputs[] => Array.isArray(value);

function buildOnce(dir: string, build: (dir: string) => Promise<void>): Promise<void> {
  const running = building.get(dir);
  if (running) return running;
  const started = buildAndPublish(dir, build).finally(() => building.delete(dir));
  building.set(dir, started);
  return started;
}

async function buildAndPublish(dir: string, build: (dir: string) => Promise<void>): Promise<void> {
  const temporary = temporarySibling(dir);
  await mkdir(temporary, { recursive: true });
  try {
    await build(temporary);
    await rename(temporary, dir);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another process published the same content first: that one is as good.
    if (isErrno(error, 'ENOTEMPTY', 'EEXIST') && (await exists(dir))) return;
    throw error;
  }
}

/** The owner's name is in it, so that what a killed process left behind can be told from work in progress. */
function temporarySibling(dir: string): string {
  const unique = `${TEMPORARY}${ownName()}-${randomBytes(4).toString('hex')}`;
  return path.join(path.dirname(dir), unique);
}

async function list(root: string): Promise<CacheItem[]> {
  const items: CacheItem[] = [];
  for (const kind of await names(path.join(root, ENTRIES))) {
    for (const key of await names(path.join(root, ENTRIES, kind))) {
      if (key.startsWith(TEMPORARY)) continue;
      const dir = path.join(root, ENTRIES, kind, key);
      const found = await stat(dir).catch(() => undefined);
      if (found) items.push({ kind, key, dir, bytes: await bytesBelow(dir), usedAt: found.mtime });
    }
  }
  return items;
}

async function prune(root: string, olderThanDays: number): Promise<PruneResult> {
  const limit = Date.now() - olderThanDays * 86_400_000;
  const result: PruneResult = { removed: [], inUse: [] };
  await forgetTheDead(root);
  await removeLeftovers(root);
  for (const item of await list(root)) {
    if (item.usedAt.getTime() > limit) continue;
    const what = (await isInUse(root, item.dir)) ? 'in use' : await takeAway(root, item.dir);
    if (what === 'removed') result.removed.push(item);
    if (what === 'in use') result.inUse.push(item);
  }
  return result;
}

/**
 * Renames an entry away, looks at the marks once more, and puts it back if somebody came to use it meanwhile. Of several
 * processes that prune at once another may have been first.
 */
async function takeAway(root: string, dir: string): Promise<'removed' | 'in use' | 'gone'> {
  const aside = temporarySibling(dir);
  if (!(await renamed(dir, aside))) return 'gone';
  if (await isInUse(root, dir)) {
    const back = await rename(aside, dir).then(
      () => true,
      () => false,
    );
    if (back) return 'in use';
  }
  await rm(aside, { recursive: true, force: true });
  return 'removed';
}

/** What builders left that were killed. */
async function removeLeftovers(root: string): Promise<void> {
  for (const kind of await names(path.join(root, ENTRIES))) {
    for (const name of await names(path.join(root, ENTRIES, kind))) {
      if (!name.startsWith(TEMPORARY) || (await ownerIsAlive(name.slice(TEMPORARY.length)))) continue;
      await rm(path.join(root, ENTRIES, kind, name), { recursive: true, force: true });
    }
  }
}

async function removeAside(dir: string): Promise<void> {
  const aside = temporarySibling(dir);
  await renamed(dir, aside);
  await rm(aside, { recursive: true, force: true });
}

/** Whether it was there to be renamed. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

/** st_blocks counts in these, whatever the file system's own block is (stat(2)). */
const BLOCK = 512;

/** What a folder takes on the disk; a checkpoint's file is mostly holes. */
async function bytesBelow(dir: string): Promise<number> {
  let blocks = 0;
  for (const found of await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (found.isFile())
      blocks += (await stat(path.join(found.parentPath, found.name)).catch(() => ({ blocks: 0 }))).blocks;
  }
  return blocks * BLOCK;
}

async function touch(dir: string): Promise<void> {
  const now = new Date();
  await utimes(dir, now, now);
}

const names = (dir: string): Promise<string[]> => readdir(dir).catch(() => []);

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

export function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** Turns the disk's own troubles into one clear line each; everything else passes. */
export async function withLabErrors<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asDiskError(place, error) ?? error;
  }
}

function asDiskError(place: string, error: unknown): LabError | undefined {
  const hint = '`npm run cache -- prune` removes what was not used lately; XDG_CACHE_HOME moves the cache';
  // The programs that fill an entry (tar, make, apt) can only say it in words.
  const said = error instanceof LabError && /No space left on device|Disk quota exceeded/.test(error.message);
  if (said || isErrno(error, 'ENOSPC', 'EDQUOT')) {
    return new LabError(`the disk that holds ${place} is full`, { code: 'disk-full', hint, cause: error });
  }
  if (isErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR')) {
    const why = error instanceof Error ? error.message : String(error);
    return new LabError(`the cache ${place} cannot be written: ${why}`, {
      code: 'cache-unwritable',
      hint,
      cause: error,
    });
  }
  return undefined;
}
