import { spawnSync } from 'node:child_process';
import { projectRoot } from './paths.mjs';
import { SetupTrouble } from './trouble.mjs';

const LIMIT_MS = 600_000;
const FIRST_LINES = 12;

export function installNpm(missing, env) {
  process.stderr.write(`setup: npm ci (${missing.length} packages are missing or of another version)\n`);
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: projectRoot,
    env,
    encoding: 'utf8',
    timeout: LIMIT_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status === 0) return;
  const { words, hint } = npmTrouble(`${result.stdout ?? ''}\n${result.stderr ?? ''}`);
  throw new SetupTrouble(`npm ci failed:\n${words || result.error?.message}`, hint);
}

/** npm's own words, which say first what is wrong and then for many lines how npm is used. */
export function npmTrouble(output) {
  const errors = output.split('\n').filter((line) => /^npm (error|ERR!) ./.test(line));
  const code = /^npm \S+ code (\S+)/m.exec(output)?.[1] ?? '';
  const network = /^E(AI_AGAIN|CONN|NOTFOUND|TIMEDOUT|SOCKET|HOSTUNREACH|NETUNREACH|[45]\d\d)/.test(code);
  return {
    words: errors.slice(0, FIRST_LINES).join('\n'),
    hint: network ? 'is the npm registry reachable?' : '`npm ci` says all of it',
  };
}
