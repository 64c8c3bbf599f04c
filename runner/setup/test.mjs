/** The word `test`: the native tests under sanitizers, then vitest, and one line that counts both. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { projectRoot, stateFolder } from './paths.mjs';
import { countTap } from './tap.mjs';

/** Kinds of tests (vitest.config.ts) that do not take an hour. */
export const KINDS = ['unit', 'process', 'browser', 'vm', 'matrix'].map((name) => `--project=${name}`);
const OUTPUT_LIMIT = 64 * 1024 * 1024;
const HELP = `usage: npm test [-- FILE… | words for vitest]

Tests the lab itself: the native parts under sanitizers, then the runner, then guests. With files below runner/
only those. Closes with a line "N passed, N failed".
`;

export async function test(words, env) {
  if (words.some((word) => ['--help', '-h'].includes(word))) {
    process.stdout.write(HELP);
    return 0;
  }
  // Whoever names TypeScript tests wants these alone.
  const named = words.some((word) => word.startsWith('runner/') || word.startsWith('--project'));
  const native = named ? { passed: 0, failed: 0, skipped: 0 } : await nativeTests(env);
  const typescript = await vitest(named ? words : [...KINDS, ...words], env);
  const sum = (key) => native[key] + typescript[key];
  const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
  // The last line is for programs to read, and says nothing else.
  if (skipped > 0) process.stdout.write(`${skipped} skipped: what they need is not here\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  // No test at all is a broken test run, not a good one.
  return failed > 0 || passed === 0 ? 1 : 0;
}

async function nativeTests(env) {
  // One folder for each tree, so that make compares times of one tree only.
  const tree = createHash('sha256').update(projectRoot).digest('hex').slice(0, 16);
  const kept = path.join(stateFolder(env, 'native-check'), tree);
  // Started by root, some tests go on as another user, who must be able to reach them: not in root's home.
  process.umask(0o022);
  const built = await make('check-build', kept, env);
  if (built.status !== 0) return { passed: 0, failed: 1, skipped: 0 };
  const dir = mkdtempSync(path.join(tmpdir(), 'photofinish-native-'));
  try {
    chmodSync(dir, 0o755);
    cpSync(kept, dir, { recursive: true, preserveTimestamps: true });
    return countNative(await make('check', dir, env));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function make(goal, out, env) {
  const native = path.join(projectRoot, 'native');
  return tee('make', ['-s', `-j${availableParallelism()}`, '-C', native, goal, `OUT=${out}`], env);
}

function countNative({ status, output }) {
  const counts = countTap(output);
  for (const failure of counts.failures) process.stdout.write(`native failure: ${failure}\n`);
  // make fails without a failed test when a test does not compile.
  if (status !== 0 && counts.failed === 0) return { ...counts, failed: 1 };
  return counts;
}

async function vitest(words, env) {
  const dir = mkdtempSync(path.join(tmpdir(), 'photofinish-test-'));
  const file = path.join(dir, 'vitest.json');
  try {
    const program = path.join(projectRoot, 'node_modules/vitest/vitest.mjs');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const args = [program, 'run', ...reporters, ...words];
    const { status } = await tee(process.execPath, args, env);
    return countVitest(status, readReport(file));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A file that does not load has no failed test, and a run that failed has at least one failure. */
export function countVitest(status, report) {
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(isFailed),
  );
  const failed = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    failed: status !== 0 && failed === 0 ? 1 : failed,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  };
}

const isFailed = (assertion) => assertion.status === 'failed';

/** Shows a program's output as it comes and keeps it. */
function tee(file, args, env) {
  const child = spawn(file, args, { env, cwd: projectRoot, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
    if (output.length < OUTPUT_LIMIT) output += chunk;
  });
  return new Promise((resolve) => {
    child.on('error', () => resolve({ status: 127, output }));
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  });
}
