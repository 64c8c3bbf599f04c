import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { diffLines, diffRuns, type Results, resultsSchema } from '../../report/index.ts';
import { type CommandContext, EXIT, wantsColor } from '../context.ts';

export interface ReportDiffFlags {
  json?: boolean;
}

/** What changed between two runs; ends with 1 when a cell is not as expected any more. */
export async function reportDiff(
  before: string,
  after: string,
  flags: ReportDiffFlags,
  { stdout, env, cwd }: CommandContext,
): Promise<number> {
  const runs = [await readResults(before, cwd), await readResults(after, cwd)] as const;
  const diff = diffRuns(...runs);
  if (flags.json) stdout.write(`${JSON.stringify({ schema: 1, ...diff }, null, 2)}\n`);
  else stdout.write(`${diffLines(diff, wantsColor(stdout, env)).join('\n')}\n`);
  const worse = diff.flipped.some((pair) => pair.before.asExpected && !pair.after.asExpected);
  return worse ? EXIT.notAsExpected : EXIT.asExpected;
}

/** Of a run's folder, or its results.json itself. */
async function readResults(name: string, cwd: string): Promise<Results> {
  const place = path.resolve(cwd, name);
  const isFolder = await stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isFolder ? path.join(place, 'results.json') : place;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError(`${name}: there is no ${isFolder ? 'results.json in it' : 'such file'}`, {
      code: 'no-results',
      hint: "name a run's folder (reports/runs/…), or a results.json; one that was interrupted has none yet",
      cause,
    });
  });
  const parsed = resultsSchema.safeParse(parseJson(name, text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError(
    `${name}: no results of this version: ${issue?.path.join('.') || 'the whole of it'}: ${issue?.message ?? 'not as it should be'}`,
    { code: 'bad-results', hint: 'docs/formats.md says what is in a results.json' },
  );
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(`${name}: not JSON, or not all of it (${why})`, {
      code: 'bad-results',
      hint: 'was it copied whole?',
      cause,
    });
  }
}
