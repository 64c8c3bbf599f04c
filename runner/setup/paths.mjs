import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupTrouble } from './trouble.mjs';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** The same folder as runner/src/lib/cache.ts has, which cannot be loaded before the npm packages are there. */
export function cacheRoot(env) {
  const base = env.XDG_CACHE_HOME;
  return path.join(
    base && path.isAbsolute(base) ? base : path.join(env.HOME || homedir(), '.cache'),
    'photofinish',
  );
}

/** A folder of state of its own, made when it is not there. */
export function stateFolder(env, name) {
  const dir = path.join(cacheRoot(env), 'state', name);
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw new SetupTrouble(
      `the cache ${cacheRoot(env)} cannot be written: ${error.message}`,
      'XDG_CACHE_HOME moves the cache',
    );
  }
  return dir;
}
