import { loadScenarios } from '../../plan/index.ts';
import { createTerminal } from '../../report/index.ts';
import type { Bench } from '../../run/index.ts';
import { type CommandContext, wantsColor } from '../context.ts';
import { kernelSources } from '../kernel-sources.ts';
import { parseTarget, scenariosDir } from '../target.ts';

export interface BenchFlags {
  target: string;
  kernelSource?: string[];
  json?: boolean;
}

export async function benchFork(flags: BenchFlags, context: CommandContext): Promise<number> {
  const { stages, env, signal, stdout, stderr } = context;
  const catalogue = await stages.loadCatalogue();
  const target = parseTarget(flags.target, catalogue);
  const scenarios = await loadScenarios([scenariosDir]);
  // A live view has nothing to count here.
  using terminal = createTerminal({
    ...{ stream: stderr, isTTY: false, columns: 80, color: wantsColor(stderr, env) },
  });
  const { onProgress } = terminal;
  const bench = await stages.benchFork({
    ...{ target, scenarios, env, signal, catalogue, onProgress },
    kernelSources: await kernelSources(flags.kernelSource, catalogue, context),
  });
  signal.throwIfAborted();
  stdout.write(flags.json ? `${JSON.stringify(bench)}\n` : benchText(bench));
  return 0;
}

function benchText({ bench, rows }: Bench): string {
  const lines = rows.map(
    ({ what, unit, ours, peer, theirs, ratio }) =>
      `${what}: ${ours.toFixed(3)} ${unit}; ${peer}: ${theirs.toFixed(3)} ${unit}; ratio ${ratio.toFixed(3)}`,
  );
  return `${[`bench ${bench}`, ...lines].join('\n')}\n`;
}
