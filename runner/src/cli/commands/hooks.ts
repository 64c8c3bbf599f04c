import path from 'node:path';
import { describeHooks, readHooks } from '../../lib/hooks/index.ts';
import { ARCHES } from '../../lib/ids.ts';
import { parseList, selectNames } from '../../plan/index.ts';
import { printable } from '../../report/index.ts';
import { type CommandContext, EXIT } from '../context.ts';

/** Says what becomes of each hook of a file. */
export async function hooksCheck(
  file: string,
  flags: { arch?: string[] },
  { cwd, stdout }: CommandContext,
): Promise<number> {
  const arches = selectNames('arch', flags.arch ? parseList('--arch', flags.arch) : ['*'], ARCHES);
  const { hooks, checked } = await readHooks(path.resolve(cwd, file), arches);
  for (const [arch, list] of checked) {
    for (const line of describeHooks(arch, hooks, list)) stdout.write(`${printable(line)}\n`);
  }
  return EXIT.asExpected;
}
