import { availableParallelism } from 'node:os';
import { CommanderError } from 'commander';
import { describeError, LabError, UserError } from '../lib/errors.ts';
import { projectRoot } from '../lib/project.ts';
import { printableLines, shellWord } from '../report/index.ts';
import { type CommandContext, EXIT } from './context.ts';
import { runWords } from './program.ts';
import { realStages, type Stages } from './stages.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs the words typed and says how it ended. The one place that touches the process. */
export async function main(
  argv: string[],
  env: NodeJS.ProcessEnv,
  stages: Stages = realStages,
): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = (): void => {
    // Guests die with us by themselves; the second time nothing else is waited for.
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    // First whoever draws on the screen leaves it, then there is room for words.
    interrupt.abort(new Error('interrupted'));
    process.stderr.write('stopping; once more stops at once\n');
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    const status = await runWords(argv, contextOf(argv, env, stages, interrupt.signal));
    return interrupt.signal.aborted ? EXIT.interrupted : status;
  } catch (error) {
    // Whatever came out of the tidying up, the reason was the signal.
    if (interrupt.signal.aborted) return EXIT.interrupted;
    return report(error);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

function contextOf(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  stages: Stages,
  signal: AbortSignal,
): CommandContext {
  return {
    env,
    signal,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    stages,
    command: ['photofinish', ...argv.map(shellWord)].join(' '),
    cwd: typedIn(env),
    cores: availableParallelism(),
    now: () => new Date(),
  };
}

/** npm runs scripts in the project's folder, wherever they were typed; paths mean the folder where they were. */
function typedIn(env: NodeJS.ProcessEnv): string {
  const here = process.cwd();
  return here === projectRoot ? (env.INIT_CWD ?? here) : here;
}

function report(error: unknown): number {
  // commander has written its words already; asking for help is no mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.asExpected : EXIT.badWords;
  const known = error instanceof UserError || error instanceof LabError;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`photofinish: ${printableLines(known ? describeError(error) : stack)}\n`);
  return known ? error.exitStatus : EXIT.labFailed;
}
