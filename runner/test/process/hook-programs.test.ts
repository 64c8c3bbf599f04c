import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { projectRoot } from '../../src/lib/project.ts';
import { CONDITIONS_SOURCE, expectAgreement } from '../vm/conditions/agree.ts';
import { programsHeader, randomPrograms } from '../vm/conditions/programs.ts';

/** In guests, and so in the other byte order: runner/test/vm. */
test('the interpreter of the hook module returns what conditions say', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'pf-programs-'));
  try {
    const programs = randomPrograms('x86_64');
    await writeFile(path.join(dir, 'programs.h'), programsHeader(programs));
    const program = path.join(dir, 'run');
    const flags = ['-std=c11', '-D_GNU_SOURCE', '-O1', '-g', '-fsanitize=address,undefined'];
    const folders = [`-I${path.join(projectRoot, 'native/hooks')}`, `-I${dir}`];
    await execa('gcc', [
      ...flags,
      '-Wall',
      '-Wextra',
      '-Werror',
      ...folders,
      '-o',
      program,
      CONDITIONS_SOURCE,
    ]);
    const { stdio } = await execa(program, { stdio: ['ignore', 'pipe', 'pipe', 'ignore', 'pipe'] });
    const told = String(stdio[4])
      .split('\n')
      .map((line): string => JSON.parse(line).results);
    expectAgreement(programs, told);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  expect.hasAssertions();
}, 60_000);
