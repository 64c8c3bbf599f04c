import type { TestContext } from 'vitest';
import { kernelSources } from '../../src/cli/kernel-sources.ts';
import { cacheRoot } from '../../src/lib/cache.ts';
import { type Target, targetName } from '../../src/lib/ids.ts';
import { type Catalogue, isKernelReady } from '../../src/provision/index.ts';
import type { ContextOptions } from '../../src/provision/make-context.ts';

/** Provisioning as this machine has it, with the sources of kernels that are known here. */
export async function optionsHere(catalogue: Catalogue): Promise<ContextOptions> {
  const { env } = process;
  return {
    ...{ ready: false, signal: new AbortController().signal, onProgress: () => undefined, env },
    cacheRoot: cacheRoot(env),
    kernelSources: await kernelSources(undefined, catalogue, { env, cwd: process.cwd() }),
  };
}

/** No test builds a kernel on its own. */
export async function skipUnlessReady(
  target: Target,
  catalogue: Catalogue,
  options: ContextOptions,
  { skip }: TestContext,
): Promise<void> {
  if (await isKernelReady(target, catalogue, options)) return;
  skip(`\`npm run kernels -- build ${targetName(target)}\` was not done here, and takes a kernel's source`);
}
