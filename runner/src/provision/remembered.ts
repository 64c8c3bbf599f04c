import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { replaceFile } from '../lib/replace-file.ts';
import type { Context } from './context.ts';
import { isPassing, notReady, Unavailable } from './unavailable.ts';

const DAY_MS = 86_400_000;

/**
 * What the distribution answered to a question. An answer of less than a day ago is taken as it is; an older one
 * serves when the distribution cannot be reached.
 */
export async function remembered<Answer extends { at: string }>(
  context: Context,
  name: string,
  what: string,
  schema: z.ZodType<Answer>,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const file = path.join(await context.cache.folder('resolved'), `${name}.json`);
  const stored = await readStored(file, schema);
  if (context.ready) {
    if (stored) return stored;
    throw notReady(context.cache, what);
  }
  const age = stored ? context.now().getTime() - Date.parse(stored.at) : Number.POSITIVE_INFINITY;
  if (stored && age >= 0 && age < DAY_MS && context.refreshedAt === 0) return stored;
  try {
    const found = await ask();
    await replaceFile(file, `${JSON.stringify(found, null, 2)}\n`);
    return found;
  } catch (error) {
    if (!isPassing(error)) throw error;
    if (stored) return stored;
    throw new Unavailable(
      `${what}: ${error.message}`,
      error.hint ?? 'is the network up? `npm run doctor` tells more',
      error,
    );
  }
}

/** A file that is missing, or that an older version wrote, is the same as no answer. */
async function readStored<Answer>(file: string, schema: z.ZodType<Answer>): Promise<Answer | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
