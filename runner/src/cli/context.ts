import type { Readable } from 'node:stream';
import type { Stages } from './stages.ts';

/** What main hands to the commands, so that none of them touches the process. */
export interface CommandContext {
  env: NodeJS.ProcessEnv;
  /** Aborted by the first SIGINT or SIGTERM. */
  signal: AbortSignal;
  stdin: Readable & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };
  stdout: Output;
  stderr: Output;
  stages: Stages;
  /** What was typed, for reports. */
  command: string;
  cwd: string;
  cores: number;
  now: () => Date;
}

export type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

/** The exit statuses of the design. */
export const EXIT = { asExpected: 0, notAsExpected: 1, badWords: 2, labFailed: 3, interrupted: 130 } as const;

/** NO_COLOR by its convention: set and not empty. */
export function wantsColor(output: Output, env: NodeJS.ProcessEnv): boolean {
  return output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}
