import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import { Unavailable } from '../unavailable.ts';
import { type BuildPlan, buildWords, srcArch } from './build-plan.ts';
import { type Config, parseConfig, refusedRequests, requestText } from './fragments.ts';
import { readKconfig } from './kconfig.ts';
import { make, type Workplace } from './make.ts';
import { whyRefused } from './why-refused.ts';

const LIMIT_SECONDS = 600;

/**
 * Nothing but what the fragments ask for and what that needs. The kernel drops without a word what cannot be had, so
 * each request is looked for in the result.
 */
export async function configure(context: Context, plan: BuildPlan, place: Workplace): Promise<Config> {
  const request = path.join(place.objects, 'request.config');
  await writeFile(request, requestText(plan.requests));
  const words = buildWords(plan, place.tree);
  const options = { limitSeconds: LIMIT_SECONDS, env: { KCONFIG_ALLCONFIG: request } };
  await make(context, place, { ...options, words: [...words, 'allnoconfig'] });
  await make(context, place, { limitSeconds: LIMIT_SECONDS, words: [...words, 'olddefconfig'] });
  return checkGranted(plan, place);
}

async function checkGranted({ kernel, machine, requests }: BuildPlan, place: Workplace): Promise<Config> {
  const config = parseConfig(await readFile(path.join(place.objects, '.config'), 'utf8'));
  const refused = refusedRequests(requests, config);
  if (refused.length === 0) return config;
  const kconfig = await readKconfig(place.tree, srcArch(machine));
  const reasons = refused.map((request) => whyRefused(request, config, kconfig));
  throw new Unavailable(
    `${machine.arch}/${kernel.id}: the kernel does not take ${refused.length} of its options:\n${reasons.join('\n')}`,
    'kernels/config has the fragments',
  );
}
