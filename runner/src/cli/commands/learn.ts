import { UserError } from '../../lib/errors.ts';
import { replaceFile } from '../../lib/replace-file.ts';
import { createTerminal } from '../../report/index.ts';
import { type CommandContext, EXIT, wantsColor } from '../context.ts';
import { kernelSources } from '../kernel-sources.ts';
import { parseTarget } from '../target.ts';

export interface LearnFlags {
  target: string;
  rootfs?: string;
  output?: string;
  limit: string;
  partial?: boolean;
  kernelSource?: string[];
}

const LIMIT_MOST = 86_400;

function parseLimit(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= LIMIT_MOST) return seconds;
  throw new UserError(`--limit takes whole seconds, 1 to ${LIMIT_MOST}, not ${text}`, { code: 'bad-limit' });
}

export async function learn(
  command: readonly string[],
  flags: LearnFlags,
  context: CommandContext,
): Promise<number> {
  const { stages, env, signal, stdout, stderr } = context;
  const limitSeconds = parseLimit(flags.limit);
  const catalogue = await stages.loadCatalogue();
  const target = parseTarget(flags.target, catalogue);
  using progress = createTerminal({
    ...{ stream: stderr, isTTY: false, columns: 80, color: wantsColor(stderr, env) },
  });
  const { profile, said, status } = await stages.learn({
    ...{ target, scenarios: [], catalogue, env, signal, onProgress: progress.onProgress },
    kernelSources: await kernelSources(flags.kernelSource, catalogue, context),
    ...{ rootfs: flags.rootfs ?? null, command, limitSeconds, partial: flags.partial ?? false },
  });
  for (const line of said) stderr.write(`${line}\n`);
  if (profile === null) {
    stderr.write(`no profile: the command ended with status ${status}\n`);
    return EXIT.notAsExpected;
  }
  if (flags.output === undefined) stdout.write(profile);
  else await replaceFile(flags.output, profile);
  return status === 0 ? EXIT.asExpected : EXIT.notAsExpected;
}
