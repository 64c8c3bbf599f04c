import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { projectRoot } from '../../src/lib/project.ts';
import { cacheWithoutBoots, matrixOf } from '../vm/lab.ts';
import { HOOK_MUTANTS, type Mutant } from './hooks.ts';

/**
 * What a green cell of the hooks is worth: one mistake after another is made in a copy of the module, and the scenario that
 * is about it must not hold.
 */
const HOOKS = 'native/hooks';
/** Not part of a copy: shared, or what earlier runs left. */
const OTHERS = ['node_modules', '.git', 'reports/runs', 'reports/history', 'reports/screenshots'];

let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(path.join(tmpdir(), 'pf-mutants-'));
  const others = OTHERS.map((name) => path.join(projectRoot, name));
  await cp(projectRoot, copy, { recursive: true, filter: (from) => !others.includes(from) });
  await symlink(path.join(projectRoot, 'node_modules'), path.join(copy, 'node_modules'));
});

afterAll(() => rm(copy, { recursive: true, force: true }));

afterEach(() => cp(path.join(projectRoot, HOOKS), path.join(copy, HOOKS), { recursive: true }));

/** Guests of a mistake are of no use to anybody else. */
async function ownBoots() {
  const dir = await mkdtemp(path.join(tmpdir(), 'pf-mutant-'));
  const env = await cacheWithoutBoots(dir);
  return { env, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

async function make({ edits }: Mutant): Promise<void> {
  for (const [file, from, to] of edits) {
    const place = path.join(copy, HOOKS, file);
    const [before, after, ...more] = (await readFile(place, 'utf8')).split(from);
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error(`${file} has not got this once: ${from}`);
    await writeFile(place, before + to + after);
  }
}

const MUTANTS = Object.entries(HOOK_MUTANTS).flatMap(([arch, mutants]) =>
  mutants.map((mutant) => ({ arch, mutant, name: `${arch}: ${mutant.what}: ${mutant.scenario}` })),
);

test.each(MUTANTS.map((one) => [one.name, one] as const))('%s', async (_name, { arch, mutant }) => {
  await make(mutant);
  await using boots = await ownBoots();
  const target = ['--arch', arch, '--kernel', 'debian-6.1'];
  await using run = await matrixOf(
    copy,
    boots.env,
    '--profile',
    'hooks',
    '--scenario',
    mutant.scenario,
    ...target,
  );
  const { cells } = await run.results();
  expect(cells).toHaveLength(1);
  for (const { verdict, reason } of cells) {
    expect(['breached', 'overblocked', 'crashed', 'hung', 'error'], `${reason}`).toContain(verdict);
    // The attack says so itself: what it needs to go on is not done. A mistake that does not compile is none.
    if (verdict === 'error') expect(reason).toMatch(/status 70/);
  }
});
