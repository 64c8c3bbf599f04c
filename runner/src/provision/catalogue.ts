import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../lib/errors.ts';
import { ARCHES, type Arch, type KernelId, kernelIdSchema, type Target } from '../lib/ids.ts';
import { projectRoot } from '../lib/project.ts';
import { readYaml } from '../lib/yaml-file.ts';

const suite = z.string().regex(/^[a-z][a-z0-9-]*$/, 'the code name of a suite, such as bookworm-security');
const packageName = z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'the name of a package');

const packagedSchema = z.strictObject({
  about: z.string().min(1),
  suites: z.array(suite).min(1),
  arches: z
    .partialRecord(z.enum(ARCHES), z.strictObject({ package: packageName }))
    .refine((arches) => Object.keys(arches).length > 0, 'at least one arch'),
});

const catalogueSchema = z.strictObject({
  kernels: z.record(kernelIdSchema, packagedSchema),
});

/** A kernel that the distribution packages. */
export interface PackagedKernel {
  id: KernelId;
  about: string;
  /** Where to look, best first. */
  suites: readonly string[];
  /** Of each arch the meta package that depends on the current image. */
  packages: Partial<Record<Arch, string>>;
}

export type Catalogue = ReadonlyMap<KernelId, PackagedKernel>;

export async function loadCatalogue(
  file = path.join(projectRoot, 'kernels/catalogue.yaml'),
): Promise<Catalogue> {
  const { kernels } = await readYaml(file, catalogueSchema);
  const entries = Object.entries(kernels).map(
    ([name, { about, suites, arches }]): [KernelId, PackagedKernel] => {
      const id = kernelIdSchema.parse(name);
      const packages = Object.fromEntries(
        Object.entries(arches).map(([arch, entry]) => [arch, entry.package]),
      );
      return [id, { id, about, suites, packages }];
    },
  );
  return new Map(entries);
}

/** The kernel of a target; a UserError when the catalogue does not have it at all. */
export function kernelOf(catalogue: Catalogue, target: Target): PackagedKernel {
  const kernel = catalogue.get(target.kernel);
  if (kernel) return kernel;
  throw new UserError(`there is no kernel ${target.kernel} in kernels/catalogue.yaml`, {
    code: 'unknown-kernel',
    hint: `it has ${[...catalogue.keys()].join(', ')}`,
  });
}
