/** The word `lint`: types, style of TypeScript and JSON, style of C. All are run, whatever the first one says. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { packages, preferred } from './needs.mjs';
import { projectRoot } from './paths.mjs';

export function lint(words, env) {
  const tool = (name) => path.join(projectRoot, 'node_modules/.bin', name);
  const results = [
    check('types', tool('tsc'), ['-p', projectRoot], env),
    check('types of the page', tool('tsc'), ['-p', path.join(projectRoot, 'reports/page')], env),
    check('biome', tool('biome'), ['check', '--error-on-warnings', ...words], env),
    check(
      'clang-format',
      preferred(packages.lint, env).program,
      ['--dry-run', '-Werror', '--style=file', ...cFiles()],
      env,
    ),
  ];
  return results.every(Boolean) ? 0 : 1;
}

function check(name, file, args, env) {
  const result = spawnSync(file, args, { cwd: projectRoot, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const ok = result.status === 0;
  process.stdout.write(`${name}: ${ok ? 'ok' : (result.error?.message ?? 'failed')}\n`);
  return ok;
}

/** Sources of guests and attacks. */
function cFiles() {
  return ['native', 'scenarios'].flatMap((folder) =>
    readdirSync(path.join(projectRoot, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.[ch]$/.test(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name)),
  );
}
