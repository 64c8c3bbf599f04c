import { cacheRoot } from '../lib/cache.ts';
import { UserError } from '../lib/errors.ts';
import type { Payload } from '../lib/payload.ts';
import { type Flavour, provisionTarget } from '../provision/index.ts';
import type { TargetOptions } from './target-options.ts';

/** For words that are of use on this target alone: that it cannot be had is the user's error. */
export async function payloadOfTarget(options: TargetOptions, flavour: Flavour): Promise<Payload> {
  const { target, scenarios, catalogue, kernelSources, env, signal, onProgress } = options;
  const provisioned = await provisionTarget(target, {
    ...{ scenarios, catalogue, kernelSources, env, signal, onProgress },
    ...{ flavour, ready: false, cacheRoot: cacheRoot(env) },
  });
  if (provisioned.ok) return provisioned.payload;
  throw new UserError(provisioned.reason, { code: 'target-unavailable', hint: provisioned.hint });
}
