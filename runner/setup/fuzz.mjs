/** The word `fuzz`: any bytes as a policy image, as what calls point to and as a profile, for as long as one likes. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot, stateFolder } from './paths.mjs';

const TARGETS = ['policy-image', 'deep-decode', 'profile-file'];
const USAGE = `usage: npm run fuzz -- [--for TIME] [--keep] [${TARGETS.join('|')} …]
  --for TIME   how long each, such as 90s or 10m (1m unless said)
  --keep       add what reached code that the corpus did not to native/fuzz/corpus
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
  const make = ['-s', '-C', path.join(projectRoot, 'native'), 'fuzz', `OUT=${out}`];
  if (spawnSync('make', make, { env, stdio: 'inherit' }).status !== 0) return 1;
  const statuses = [];
  for (const name of asked.names) statuses.push(await fuzzOne(name, out, asked, env));
  return statuses.every((status) => status === 0) ? 0 : 1;
}

/** Times and names, or what is wrong with them. */
export function parse(words) {
  try {
    const options = { for: { type: 'string', default: '1m' }, keep: { type: 'boolean', default: false } };
    const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true });
    const unknown = positionals.filter((name) => !TARGETS.includes(name));
    if (unknown.length > 0) return { trouble: `there is nothing named \`${unknown.join(', ')}\` to fuzz` };
    const [, count, unit] = /^([1-9]\d{0,5})([smh])$/.exec(values.for) ?? [];
    if (!count) return { trouble: `--for ${values.for}: a whole number and a unit, such as 90s, 10m or 8h` };
    const names = positionals.length > 0 ? [...new Set(positionals)] : TARGETS;
    return { seconds: Number(count) * UNITS[unit], keep: values.keep, names };
  } catch (error) {
    return { trouble: error.message };
  }
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
