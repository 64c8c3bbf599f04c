import { loadScenarios } from '../../plan/index.ts';
import { createTerminal } from '../../report/index.ts';
import { type CommandContext, wantsColor } from '../context.ts';
import { kernelSources } from '../kernel-sources.ts';
import { parseTarget, scenariosDir } from '../target.ts';

export interface ShellFlags {
  kernelSource?: string[];
}

export async function shell(name: string, flags: ShellFlags, context: CommandContext): Promise<number> {
  const { stages, env, signal, stdin, stdout, stderr } = context;
  const catalogue = await stages.loadCatalogue();
  const target = parseTarget(name, catalogue);
  const scenarios = await loadScenarios([scenariosDir]);
  // Lines only: the screen belongs to the shell.
  using progress = createTerminal({
    ...{ stream: stderr, isTTY: false, columns: 80, color: wantsColor(stderr, env) },
  });
  const { onProgress } = progress;
  return await stages.openShell({
    ...{ target, scenarios, catalogue, env, signal, onProgress },
    kernelSources: await kernelSources(flags.kernelSource, catalogue, context),
    terminal: { input: stdin, output: stdout },
  });
}
