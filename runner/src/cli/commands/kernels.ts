import { cacheRoot } from '../../lib/cache.ts';
import { ARCHES, type Target, targetName } from '../../lib/ids.ts';
import { loadScenarios, parseList, selectNames } from '../../plan/index.ts';
import type { PackagedKernel } from '../../provision/index.ts';
import { createTerminal, printable } from '../../report/index.ts';
import { type CommandContext, EXIT, wantsColor } from '../context.ts';
import { scenariosDir } from '../target.ts';

export interface KernelFlags {
  arch?: string[];
  kernel?: string[];
}

export async function kernelsList({ stages, stdout }: CommandContext): Promise<number> {
  for (const { id, about, packages } of (await stages.loadCatalogue()).values()) {
    stdout.write(
      `${id.padEnd(14)}  ${Object.keys(packages).join(', ')}\n${''.padEnd(14)}  ${about.trim()}\n`,
    );
  }
  return EXIT.asExpected;
}

/** Makes targets bootable ahead of time, one after the other, so that a run with --ready finds them. */
export async function kernelsFetch(flags: KernelFlags, context: CommandContext): Promise<number> {
  const { stages, env, signal, stdout, stderr } = context;
  const catalogue = await stages.loadCatalogue();
  const targets = chosenTargets(flags, [...catalogue.values()]);
  const scenarios = await loadScenarios([scenariosDir]);
  using terminal = createTerminal({
    ...{ stream: stderr, isTTY: false, columns: 80, color: wantsColor(stderr, env) },
  });
  let status: number = EXIT.asExpected;
  for (const target of targets) {
    const { onProgress } = terminal;
    const provisioned = await stages.provisionTarget(target, {
      ...{ scenarios, catalogue, env, signal, onProgress, ready: false, cacheRoot: cacheRoot(env) },
    });
    signal.throwIfAborted();
    if (!provisioned.ok) status = EXIT.notAsExpected;
    const what = provisioned.ok
      ? provisioned.payload.kernelRelease
      : `unavailable: ${provisioned.reason}; ${provisioned.hint}`;
    stdout.write(`${targetName(target)}: ${printable(what)}\n`);
  }
  return status;
}

function chosenTargets(flags: KernelFlags, kernels: readonly PackagedKernel[]): Target[] {
  const wanted = (flag: string, given?: string[]): string[] => (given ? parseList(flag, given) : ['*']);
  const ids = selectNames(
    'kernel',
    wanted('--kernel', flags.kernel),
    kernels.map(({ id }) => id),
  );
  const arches = selectNames('arch', wanted('--arch', flags.arch), ARCHES);
  return kernels
    .filter(({ id }) => ids.includes(id))
    .flatMap(({ id, packages }) =>
      arches.filter((arch) => packages[arch] !== undefined).map((arch) => ({ arch, kernel: id })),
    );
}
