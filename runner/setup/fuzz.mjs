/**
 * The word `fuzz`, for as long as one likes: any bytes as a policy image, as what calls point to and as a profile, and in
 * a guest anything that the hook module can be asked for.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot, stateFolder } from './paths.mjs';

const TARGETS = ['policy-image', 'deep-decode', 'profile-file'];
/** Runs in a guest, so only where it is named: schedules of a scenario, each with a seed of its own. */
const HOOKS = 'hooks-abi';
const HOOKS_SCENARIO = 'hooks/malformed';
const HOOKS_TRIALS = 4;
const USAGE = `usage: npm run fuzz -- [--for TIME] [--keep] [--on ARCH/KERNEL] [--seed S] [${[...TARGETS, HOOKS].join('|')} …]
  --for TIME         how long each, such as 90s or 10m (1m unless said); all but ${HOOKS} unless some are named
  --keep             add what reached code that the corpus did not to native/fuzz/corpus
  --on ARCH/KERNEL   of ${HOOKS}: its guest, such as mipsel/debian-6.1 (x86_64/debian-6.1 unless said)
  --seed S           of ${HOOKS}: the same schedules once more
`;
const BAD_WORDS = 2;
const UNITS = { s: 1, m: 60, h: 3600 };

/** 0 when nothing was found, 1 when something was, 2 for wrong words. */
export async function fuzz(words, env) {
  const asked = parse(words);
  if (asked.trouble) {
    process.stderr.write(`photofinish: ${asked.trouble}\n${USAGE}`);
    return BAD_WORDS;
  }
  const out = stateFolder(env, 'fuzz');
  if (asked.names.includes(HOOKS)) return await fuzzHooks(out, asked, env);
  const make = ['-s', '-C', path.join(projectRoot, 'native'), 'fuzz', `OUT=${out}`];
  if (spawnSync('make', make, { env, stdio: 'inherit' }).status !== 0) return 1;
  const statuses = [];
  for (const name of asked.names) statuses.push(await fuzzOne(name, out, asked, env));
  return statuses.every((status) => status === 0) ? 0 : 1;
}

/** Times and names, or what is wrong with them. */
export function parse(words) {
  try {
    const options = {
      for: { type: 'string', default: '1m' },
      keep: { type: 'boolean', default: false },
      on: { type: 'string', default: 'x86_64/debian-6.1' },
      seed: { type: 'string', default: String(randomInt(1, 2 ** 47)) },
    };
    const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true });
    const unknown = positionals.filter((name) => ![...TARGETS, HOOKS].includes(name));
    if (unknown.length > 0) return { trouble: `there is nothing named \`${unknown.join(', ')}\` to fuzz` };
    const [, count, unit] = /^([1-9]\d{0,5})([smh])$/.exec(values.for) ?? [];
    if (!count) return { trouble: `--for ${values.for}: a whole number and a unit, such as 90s, 10m or 8h` };
    const names = positionals.length > 0 ? [...new Set(positionals)] : TARGETS;
    if (names.length > 1 && names.includes(HOOKS)) return { trouble: `${HOOKS} is fuzzed by itself` };
    const { keep, on, seed } = values;
    if (!/^\d{1,20}$/.test(seed)) return { trouble: `--seed ${seed}: a whole number` };
    return { seconds: Number(count) * UNITS[unit], keep, on, seed, names };
  } catch (error) {
    return { trouble: error.message };
  }
}

/**
 * A search without strategies. What it does not take for evidence counts here: a kernel that died, an attack that could
 * not go on. With one guest at a time a seed is always the same schedules.
 */
async function fuzzHooks(out, { seconds, on, seed }, env) {
  const dir = path.join(out, HOOKS, seed);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(path.dirname(dir), { recursive: true });
  const limits = ['--for', `${seconds}s`, '--trials', String(HOOKS_TRIALS), '--jobs', '1', '--seed', seed];
  const words = ['search', `${HOOKS_SCENARIO}@${on}`, '--strategy', 'plain', ...limits, '--out', dir];
  const program = path.join(projectRoot, 'bin/photofinish.mjs');
  const status = await run(process.execPath, [program, ...words], env);
  if (status !== 0 && status !== 1) return 1;
  const { flawed } = JSON.parse(readFileSync(path.join(dir, 'search.json'), 'utf8'));
  if (status === 0 && flawed.length === 0) {
    process.stdout.write(`${HOOKS}: nothing in ${seconds} s\n`);
    return 0;
  }
  const again = `npm run fuzz -- ${HOOKS} --for ${seconds}s --on ${on} --seed ${seed}`;
  process.stdout.write(`${HOOKS}: FOUND SOMETHING, see ${dir}; all of it again: ${again}\n`);
  return 1;
}

async function fuzzOne(name, out, { seconds, keep }, env) {
  const kept = path.join(projectRoot, 'native/fuzz/corpus', name);
  // What was found on this machine before; a crash is left beside it.
  const found = path.join(out, 'found', name);
  const crashes = path.join(out, 'crashes', name);
  for (const dir of [found, crashes]) mkdirSync(dir, { recursive: true });
  const scratch = mkdtempSync(path.join(tmpdir(), 'photofinish-fuzz-'));
  try {
    const corpora = [kept, ...(await seeds(name, scratch, env))];
    const program = path.join(out, 'fuzz', name);
    const flags = [`-max_total_time=${seconds}`, '-print_final_stats=1', '-verbosity=1'];
    const status = await run(program, [...flags, `-artifact_prefix=${crashes}/`, found, ...corpora], env);
    if (status !== 0) {
      process.stdout.write(`${name}: FOUND SOMETHING; the input is in ${crashes}\n`);
      return 1;
    }
    process.stdout.write(`${name}: nothing in ${seconds} s\n`);
    return keep ? await keepNew(program, kept, found, env) : 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Images as the compiler writes them, so that the fuzzer need not guess a whole one. */
async function seeds(name, scratch, env) {
  if (name !== 'policy-image') return [];
  const tsx = path.join(projectRoot, 'node_modules/.bin/tsx');
  const golden = path.join(projectRoot, 'runner/src/lib/filter/golden.ts');
  if ((await run(tsx, [golden, scratch], env)) !== 0) throw new Error(`${golden} wrote no images`);
  return [scratch];
}

async function keepNew(program, kept, found, env) {
  const before = readdirSync(kept).length;
  const status = await run(program, ['-merge=1', kept, found], env);
  process.stdout.write(`${path.basename(kept)}: ${readdirSync(kept).length - before} inputs more\n`);
  return status;
}

function run(file, args, env) {
  const child = spawn(file, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 1));
  });
}
