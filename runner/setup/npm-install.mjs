import { spawnSync } from 'node:child_process';
import { projectRoot } from './paths.mjs';
import { lastLines, SetupTrouble } from './trouble.mjs';

const LIMIT_MS = 600_000;

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
  const words = lastLines(`${result.stdout ?? ''}\n${result.stderr ?? ''}`);
  throw new SetupTrouble(
    `npm ci failed:\n${words || result.error?.message}`,
    'is the npm registry reachable?',
  );
}
