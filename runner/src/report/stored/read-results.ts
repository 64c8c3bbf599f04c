import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { type Results, resultsSchema } from '../results-schema.ts';

export const RESULTS = 'results.json';

/** The run's folder, where it or its results.json was named. */
export async function folderOf(name: string, cwd: string): Promise<string> {
  const place = path.resolve(cwd, name);
  const isFolder = await stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? place : path.dirname(place);
}

/** The results of a run that came to its end: of its folder, or its results.json itself. `name` is what was typed. */
export async function readResults(name: string, cwd: string): Promise<Results> {
  const place = path.resolve(cwd, name);
  const isFolder = (await folderOf(name, cwd)) === place;
  const file = isFolder ? path.join(place, RESULTS) : place;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError(`${name}: there is no ${isFolder ? 'results.json in it' : 'such file'}`, {
      code: 'no-results',
      hint: "name a run's folder (reports/runs/…), or a results.json; one that was interrupted has none yet",
      cause,
    });
  });
  return parseResults(name, text);
}

export function parseResults(name: string, text: string): Results {
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
