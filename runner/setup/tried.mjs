/** What could not be had is not tried again at every start: a note with a time, good for a day. */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stateFolder } from './paths.mjs';

const DAY_MS = 86_400_000;

const note = (what, env) => path.join(stateFolder(env, 'setup'), `tried-${what}`);

export const noteTried = (what, env) => writeFileSync(note(what, env), '');

export function triedToday(what, env) {
  const file = note(what, env);
  return existsSync(file) && Date.now() - statSync(file).mtimeMs < DAY_MS;
}
