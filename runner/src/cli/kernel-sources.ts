import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../lib/errors.ts';
import { projectRoot } from '../lib/project.ts';
import { readYaml } from '../lib/yaml-file.ts';
import { oneOf } from '../plan/index.ts';
import type { Catalogue, KernelSources } from '../provision/index.ts';
import type { CommandContext } from './context.ts';

export const SOURCE_VARIABLE = 'PHOTOFINISH_KERNEL_SOURCE';
const LOCAL_FILE = path.join(projectRoot, 'photofinish.local.yaml');

const localSchema = z.strictObject({
  'kernel-sources': z.record(z.string(), z.string().min(1)).default({}),
});

type Pair = readonly [kernel: string, place: string];

/**
 * Where the user's own sources of kernels are: what was typed, else what the environment says, else what the file of
 * this copy of the project says.
 */
export async function kernelSources(
  typed: readonly string[] | undefined,
  catalogue: Catalogue,
  { env, cwd }: Pick<CommandContext, 'env' | 'cwd'>,
  localFile = LOCAL_FILE,
): Promise<KernelSources> {
  const ofEnvironment = (env[SOURCE_VARIABLE] ?? '').split(',').filter((entry) => entry.trim() !== '');
  const absolute = (base: string, place: string): string =>
    path.resolve(base, place.replace(/^~(?=\/|$)/, env.HOME ?? '~'));
  // A later entry of the map stands above an earlier one.
  const pairs: Pair[] = [
    ...(await localPairs(localFile)).map(
      ([id, place]): Pair => [id, absolute(path.dirname(localFile), place)],
    ),
    ...ofEnvironment.map((entry) => parsePair(SOURCE_VARIABLE, entry)).map(atCwd),
    ...(typed ?? []).map((entry) => parsePair('--kernel-source', entry)).map(atCwd),
  ];
  function atCwd([id, place]: Pair): Pair {
    return [id, absolute(cwd, place)];
  }
  const built = [...catalogue.values()].filter(({ kind }) => kind === 'source').map(({ id }) => id);
  return new Map(pairs.map(([id, place]) => [oneOf('kernel', id, built), place]));
}

async function localPairs(file: string): Promise<Pair[]> {
  if (!existsSync(file)) return [];
  return Object.entries((await readYaml(file, localSchema))['kernel-sources']);
}

function parsePair(where: string, entry: string): Pair {
  const [, id, place] = /^\s*([^=\s]+)=(.+?)\s*$/.exec(entry) ?? [];
  if (id && place) return [id, place];
  throw new UserError(`${where} ${entry}: a kernel and a path are wanted, such as 4.10=../linux-4.10`, {
    code: 'bad-kernel-source',
  });
}
