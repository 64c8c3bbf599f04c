import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheKey } from '../../lib/cache.ts';
import { replaceFile } from '../../lib/replace-file.ts';
import type { Context } from '../context.ts';
import type { BuildPlan } from './build-plan.ts';
import { recipeInputs } from './build-plan.ts';
import { BUNDLE, type Bundle, type Manifest, manifestSchema, readBundle } from './bundle.ts';

/**
 * Which bundle was imported for a target. Its key has the compiler of the machine that built it in it, which need not
 * be the one that is here, so it is found by this note instead.
 */
const noteFile = async (context: Context, arch: string, kernel: string): Promise<string> =>
  path.join(await context.cache.folder('kernel-imports'), `${kernel}-${arch}.json`);

const noteSchema = manifestSchema.shape.inputs;

export async function noteImport(context: Context, { kernel, arch, inputs }: Manifest): Promise<void> {
  await replaceFile(await noteFile(context, arch, kernel), `${JSON.stringify(inputs)}\n`);
}

/** An imported bundle counts for as long as it is what the project would build: from the same fragments and words. */
export async function importedBundle(context: Context, plan: BuildPlan): Promise<Bundle | undefined> {
  const inputs = await readNote(await noteFile(context, plan.machine.arch, plan.kernel.id));
  if (!inputs || cacheKey(inputs.build) !== cacheKey(recipeInputs(plan))) return undefined;
  const dir = await context.cache.find(BUNDLE, inputs);
  return dir === undefined ? undefined : readBundle(dir);
}

async function readNote(file: string): Promise<Manifest['inputs'] | undefined> {
  try {
    return noteSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}
