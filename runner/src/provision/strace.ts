import type { Machine } from '../lib/machines/index.ts';
import type { Context } from './context.ts';
import { firstSuite } from './first-suite.ts';
import { programOf, type Recipe } from './shell-from-source.ts';
import { findSources } from './source-package.ts';

/** The peer of `bench warden` in guests: static, for they have no libraries, and without what reads others' symbols. */
const recipe: Recipe = {
  files: {},
  steps: [
    [
      ...(['./configure', '-q', '--host={host}', '--enable-mpers=no', '--enable-bundled=yes'] as const),
      ...['--disable-gcc-Werror', '--without-libdw', '--without-libunwind', '--without-libselinux'],
      ...['CC={prefix}gcc', 'CFLAGS=-O2', 'LDFLAGS=-static'],
    ],
    ['make', '-s'],
    ['{prefix}strip', 'src/strace'],
  ],
  built: 'src/strace',
  program: 'bin/strace',
};

const SUITES = ['bookworm', 'bookworm-security'];

/** strace for a machine, made of the distribution's source package. */
export async function straceProgram(context: Context, machine: Machine): Promise<string> {
  const find = (suite: string) => findSources(context, suite, machine.debianArch, ['strace'] as const);
  const [source] = await firstSuite(SUITES, 'source of strace', find);
  if (!source) throw new Error('a source that was found is not there');
  return programOf(context, machine, source, recipe);
}
