import path from 'node:path';
import { ARCHES, type Target, targetName } from '../../lib/ids.ts';
import { parseList, selectNames } from '../../plan/index.ts';
import type { Catalogue } from '../../provision/index.ts';
import { printable } from '../../report/index.ts';
import { type CommandContext, EXIT } from '../context.ts';
import { archesOf, parseTarget } from '../target.ts';
import { contextOptions, type KernelFlags, unavailable } from './kernels.ts';

/** Builds kernels, one after the other; names are kernels (of all their arches) or targets. */
export async function kernelsBuild(
  names: readonly string[],
  flags: KernelFlags,
  context: CommandContext,
): Promise<number> {
  const { stages, signal, stdout } = context;
  const catalogue = await stages.loadCatalogue();
  const targets = namedTargets(names, flags, catalogue);
  using given = await contextOptions(flags, catalogue, context);
  await stages.checkKernelSources(catalogue, new Set(targets.map(({ kernel }) => kernel)), given.options);
  let status: number = EXIT.asExpected;
  for (const target of targets) {
    const had = await stages.buildKernel(target, catalogue, given.options);
    signal.throwIfAborted();
    if (!had.ok) status = EXIT.notAsExpected;
    stdout.write(`${targetName(target)}: ${had.ok ? printable(had.text) : unavailable(had)}\n`);
  }
  return status;
}

function namedTargets(names: readonly string[], flags: KernelFlags, catalogue: Catalogue): Target[] {
  const kernels = [...catalogue.values()].filter(({ kind }) => kind === 'source');
  const arches = selectNames('arch', flags.arch ? parseList('--arch', flags.arch) : ['*'], ARCHES);
  const all = kernels.flatMap((kernel) =>
    archesOf(kernel).map((arch): Target => ({ arch, kernel: kernel.id })),
  );
  const whole = names.filter((name) => !name.includes('/'));
  const ids = selectNames(
    'kernel',
    names.length === 0 ? ['*'] : whole,
    kernels.map(({ id }) => id),
  );
  const single = names
    .filter((name) => name.includes('/'))
    .map((name) => targetName(parseTarget(name, catalogue)));
  return all.filter(
    (target) =>
      single.includes(targetName(target)) || (ids.includes(target.kernel) && arches.includes(target.arch)),
  );
}

export async function kernelsPack(
  name: string,
  file: string,
  flags: KernelFlags,
  context: CommandContext,
): Promise<number> {
  const { stages, stdout, cwd } = context;
  const catalogue = await stages.loadCatalogue();
  const target = parseTarget(name, catalogue);
  using given = await contextOptions(flags, catalogue, context);
  const text = await stages.packKernel(target, path.resolve(cwd, file), catalogue, given.options);
  stdout.write(`${targetName(target)}: ${printable(text)}, packed in ${printable(file)}\n`);
  return EXIT.asExpected;
}

/** Ends with 1 when the kernel was taken, and is not what the catalogue and the fragments here would give. */
export async function kernelsImport(file: string, context: CommandContext): Promise<number> {
  const { stages, stdout, cwd } = context;
  const catalogue = await stages.loadCatalogue();
  using given = await contextOptions({}, catalogue, context);
  const { target, text, stale } = await stages.importKernel(
    path.resolve(cwd, file),
    catalogue,
    given.options,
  );
  stdout.write(`${targetName(target)}: ${printable(text)}\n`);
  if (!stale) return EXIT.asExpected;
  stdout.write(
    '  built from other fragments or words than kernels/ has here: it is not used until they agree\n',
  );
  return EXIT.notAsExpected;
}
