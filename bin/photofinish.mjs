#!/usr/bin/env node
/** The one way in: sees to it that what the words need is there, then runs them. Plain JavaScript, no package needed. */
import { setUp } from '../runner/setup/index.mjs';
import { EXIT_TROUBLE, SetupTrouble } from '../runner/setup/trouble.mjs';

const words = process.argv.slice(2);

async function run([word, ...rest]) {
  const { env } = process;
  if (word === 'doctor') return (await import('../runner/setup/doctor.mjs')).doctor(env);
  setUp(words, env);
  if (word === 'test') return (await import('../runner/setup/test.mjs')).test(rest, env);
  if (word === 'lint') return (await import('../runner/setup/lint.mjs')).lint(rest, env);
  if (word === 'fuzz') return (await import('../runner/setup/fuzz.mjs')).fuzz(rest, env);
  const { register } = await import('tsx/esm/api');
  register();
  const { main } = await import('../runner/src/cli/main.ts');
  return main(words, env);
}

// Somebody who read enough (`| head`) is no failure.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  process.exitCode = await run(words);
} catch (error) {
  if (!(error instanceof SetupTrouble)) throw error;
  process.stderr.write(`photofinish: ${error.message}\n${error.hint ? `  ${error.hint}\n` : ''}`);
  process.exitCode = EXIT_TROUBLE;
}
