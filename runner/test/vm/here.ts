import type { TestContext } from 'vitest';
import { kernelSources } from '../../src/cli/kernel-sources.ts';
import { cacheRoot } from '../../src/lib/cache.ts';
import { type Arch, kernelIdSchema, type Target, targetName } from '../../src/lib/ids.ts';
import type { Payload } from '../../src/lib/payload.ts';
import { type Catalogue, type Flavour, isKernelReady, provisionTarget } from '../../src/provision/index.ts';
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

/** What a guest without any attack boots from, of a kernel that is a package everywhere. */
export async function payloadOf(arch: Arch, flavour: Flavour = 'lab'): Promise<Payload> {
  const target = { arch, kernel: kernelIdSchema.parse('debian-6.1') };
  const { env } = process;
  const provisioned = await provisionTarget(target, {
    ...{
      ...{ scenarios: [], flavour },
      ready: false,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      env,
    },
    cacheRoot: cacheRoot(env),
  });
  if (!provisioned.ok) throw new Error(provisioned.reason);
  return provisioned.payload;
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
