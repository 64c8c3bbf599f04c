import { cacheRoot } from '../../lib/cache.ts';
import { ARCHES, type Target, targetName } from '../../lib/ids.ts';
import { loadScenarios, parseList, selectNames } from '../../plan/index.ts';
import type { Catalogue, CatalogueKernel, ContextOptions } from '../../provision/index.ts';
import { createTerminal, printable, printableLines } from '../../report/index.ts';
import { type CommandContext, EXIT, wantsColor } from '../context.ts';
import { kernelSources } from '../kernel-sources.ts';
import { archesOf, ownSource, scenariosDir } from '../target.ts';

export interface KernelFlags {
  arch?: string[];
  kernel?: string[];
  kernelSource?: string[];
}

const NAME_WIDTH = 14;

/** Each kernel with its arches; of those that are built, how each arch stands. */
export async function kernelsList(flags: KernelFlags, context: CommandContext): Promise<number> {
  const { stages, stdout } = context;
  const catalogue = await stages.loadCatalogue();
  using given = await contextOptions(flags, catalogue, context);
  const under = (text: string): string => `${''.padEnd(NAME_WIDTH)}  ${text}\n`;
  for (const kernel of catalogue.values()) {
    stdout.write(
      `${kernel.id.padEnd(NAME_WIDTH)}  ${archesOf(kernel).join(', ')}\n${under(kernel.about.trim())}`,
    );
    if (kernel.kind !== 'source') continue;
    const own = ownSource(given.options.kernelSources, kernel);
    if (own !== undefined) stdout.write(under(`source: ${printable(own)}`));
    for (const [arch, state] of await stages.kernelStates(kernel, catalogue, given.options)) {
      stdout.write(under(`${arch}: ${printable(state)}`));
    }
  }
  return EXIT.asExpected;
}

/**
 * Packaged kernels are made bootable ahead of time, so that a run with --ready finds them. Of those that are built only
 * the source is fetched: building has a word of its own.
 */
export async function kernelsFetch(flags: KernelFlags, context: CommandContext): Promise<number> {
  const { stages, signal, stdout } = context;
  const catalogue = await stages.loadCatalogue();
  const targets = chosenTargets(flags, [...catalogue.values()]);
  const scenarios = await loadScenarios([scenariosDir]);
  using given = await contextOptions(flags, catalogue, context);
  let status: number = EXIT.asExpected;
  const tell = (
    name: string,
    had: { ok: true; text: string } | { ok: false; reason: string; hint: string },
  ): void => {
    signal.throwIfAborted();
    if (!had.ok) status = EXIT.notAsExpected;
    stdout.write(`${name}: ${had.ok ? printable(had.text) : unavailable(had)}\n`);
  };
  for (const kernel of sourceKernels(targets, catalogue)) {
    tell(kernel.id, await stages.fetchKernelSource(kernel, given.options));
  }
  for (const target of targets.filter(({ kernel }) => catalogue.get(kernel)?.kind === 'packaged')) {
    const provisioned = await stages.provisionTarget(target, { ...given.options, scenarios, catalogue });
    tell(
      targetName(target),
      provisioned.ok ? { ok: true, text: provisioned.payload.kernelRelease } : provisioned,
    );
  }
  return status;
}

function sourceKernels(targets: readonly Target[], catalogue: Catalogue) {
  const ids = new Set(targets.map(({ kernel }) => kernel));
  return [...ids].flatMap((id) => {
    const kernel = catalogue.get(id);
    return kernel?.kind === 'source' ? [kernel] : [];
  });
}

/** The reason of a build that failed has lines of its own. */
export const unavailable = ({ reason, hint }: { reason: string; hint: string }): string =>
  `unavailable: ${printableLines(reason)}; ${printable(hint)}`;

/** What provisioning wants, with a log on standard error. */
export async function contextOptions(
  flags: Pick<KernelFlags, 'kernelSource'>,
  catalogue: Catalogue,
  context: CommandContext,
): Promise<{ options: ContextOptions } & Disposable> {
  const { env, signal, stderr } = context;
  const sources = await kernelSources(flags.kernelSource, catalogue, context);
  const terminal = createTerminal({
    stream: stderr,
    isTTY: false,
    columns: 80,
    color: wantsColor(stderr, env),
  });
  const { onProgress } = terminal;
  return {
    options: { ready: false, signal, env, onProgress, cacheRoot: cacheRoot(env), kernelSources: sources },
    [Symbol.dispose]: () => terminal[Symbol.dispose](),
  };
}

function chosenTargets(flags: KernelFlags, kernels: readonly CatalogueKernel[]): Target[] {
  const wanted = (flag: string, given?: string[]): string[] => (given ? parseList(flag, given) : ['*']);
  const ids = selectNames(
    'kernel',
    wanted('--kernel', flags.kernel),
    kernels.map(({ id }) => id),
  );
  const arches = selectNames('arch', wanted('--arch', flags.arch), ARCHES);
  return kernels
    .filter(({ id }) => ids.includes(id))
    .flatMap((kernel) =>
      archesOf(kernel)
        .filter((arch) => arches.includes(arch))
        .map((arch) => ({ arch, kernel: kernel.id })),
    );
}
