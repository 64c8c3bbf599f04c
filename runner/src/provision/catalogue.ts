import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../lib/errors.ts';
import { ARCHES, type Arch, type KernelId, kernelIdSchema, type Target } from '../lib/ids.ts';
import { projectRoot } from '../lib/project.ts';
import { readYaml } from '../lib/yaml-file.ts';

const suite = z.string().regex(/^[a-z][a-z0-9-]*$/, 'the code name of a suite, such as bookworm-security');
const packageName = z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'the name of a package');
const makeWord = z.string().regex(/^[A-Z_][A-Z0-9_]*=[^\n$#]*$/, 'a variable for make, such as KCFLAGS=-w');
const belowTree = z
  .string()
  .regex(/^(?!\.\.?(\/|$))[^/\s][^\s]*$/, 'a path below the top of the kernel’s tree')
  .refine((name) => !name.split('/').includes('..'), 'a path below the top of the kernel’s tree');

/** One arch of many, or none of them: an entry without any would be no kernel at all. */
const byArch = <T extends z.ZodType>(entry: T) =>
  z
    .partialRecord(z.enum(ARCHES), entry)
    .refine((arches) => Object.keys(arches).length > 0, 'at least one arch');

const packagedSchema = z.strictObject({
  about: z.string().min(1),
  suites: z.array(suite).min(1),
  arches: byArch(z.strictObject({ package: packageName })),
});

const editSchema = z.strictObject({
  file: belowTree,
  find: z.string().min(1),
  replace: z.string(),
  why: z.string().min(1),
});

const sourceArchSchema = z.strictObject({
  target: z.string().regex(/^[A-Za-z][\w.-]*$/, 'a target of the kernel’s makefile, such as bzImage'),
  image: belowTree,
  compiler: z
    .string()
    .regex(/^[\w.-]+$/, 'the prefix of a cross compiler without its dash, such as arm-linux-gnueabi')
    .optional(),
  make: z.array(makeWord).default([]),
  edits: z.array(editSchema).default([]),
});

const version = z.string().regex(/^\d+\.\d+(\.\d+)?$/, 'the version of a release, in quotes: "4.10"');

const releaseSchema = z.strictObject({
  version,
  url: z.url({ protocol: /^https$/, error: 'an address that starts with https' }),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 of the release’s file, 64 hex digits'),
});

const sourcePackageSchema = z.strictObject({ version, package: packageName, suites: z.array(suite).min(1) });

/** A release of the kernel, as its authors publish it. */
export type Release = z.infer<typeof releaseSchema>;

/** The distribution's own package of a kernel's source; its version is that of the newest one of the suites. */
export type SourcePackage = z.infer<typeof sourcePackageSchema>;

const sourceSchema = z.strictObject({
  about: z.string().min(1),
  source: z.union([releaseSchema, sourcePackageSchema]),
  newestGcc: z.number().int().positive(),
  memoryMiB: z.number().int().positive().optional(),
  make: z.array(makeWord).default([]),
  edits: z.array(editSchema).default([]),
  arches: byArch(sourceArchSchema),
});

/** First only which entries there are: what is wrong with one is then told in the terms of its own kind. */
const outlineSchema = z.strictObject({ kernels: z.record(kernelIdSchema, z.unknown()) });

/** A kernel that the distribution packages. */
export interface PackagedKernel {
  kind: 'packaged';
  id: KernelId;
  about: string;
  /** Where to look, best first. */
  suites: readonly string[];
  /** Of each arch the meta package that depends on the current image. */
  packages: Partial<Record<Arch, string>>;
}

/** A change of one file of a kernel's tree, without which it does not build or not work here. */
export type Edit = z.infer<typeof editSchema>;

/** How a kernel is built for one arch: what is said of the kernel as a whole is in it. */
export interface SourceArch {
  /** What make is asked for, beside `modules`. */
  target: string;
  /** The file that boots, below the build's folder. */
  image: string;
  /** Prefix of another cross compiler than the machine's own, without its dash. */
  compiler?: string | undefined;
  /** Variables for every make; of one that is named more than once, all values count. */
  make: readonly string[];
  edits: readonly Edit[];
}

/** A kernel that is built from its release, or from a tree of the user's own. */
export interface SourceKernel {
  kind: 'source';
  id: KernelId;
  about: string;
  source: Release | SourcePackage;
  /** The newest major version of GCC that is known to build it. */
  newestGcc: number;
  /** Guest memory, where it needs less than the machine gives. */
  memoryMiB?: number | undefined;
  arches: Partial<Record<Arch, SourceArch>>;
}

export type CatalogueKernel = PackagedKernel | SourceKernel;

export type Catalogue = ReadonlyMap<KernelId, CatalogueKernel>;

export async function loadCatalogue(
  file = path.join(projectRoot, 'kernels/catalogue.yaml'),
): Promise<Catalogue> {
  const outline = Object.entries((await readYaml(file, outlineSchema)).kernels);
  const isSource = new Set(outline.filter(([, entry]) => hasSource(entry)).map(([name]) => name));
  const shape = outline.map(([name]) => [name, isSource.has(name) ? sourceSchema : packagedSchema] as const);
  const schema = z.strictObject({ kernels: z.strictObject(Object.fromEntries(shape)) });
  const { kernels } = await readYaml(file, schema);
  const known = Object.entries(kernels).map(([name, entry]): [KernelId, CatalogueKernel] => {
    const id = kernelIdSchema.parse(name);
    return [id, 'source' in entry ? sourceKernel(id, entry) : packagedKernel(id, entry)];
  });
  return new Map(known);
}

const hasSource = (entry: unknown): boolean =>
  typeof entry === 'object' && entry !== null && 'source' in entry;

function packagedKernel(
  id: KernelId,
  { about, suites, arches }: z.infer<typeof packagedSchema>,
): PackagedKernel {
  const packages = Object.fromEntries(Object.entries(arches).map(([arch, entry]) => [arch, entry.package]));
  return { kind: 'packaged', id, about, suites, packages };
}

function sourceKernel(id: KernelId, entry: z.infer<typeof sourceSchema>): SourceKernel {
  const { make, edits, arches, ...rest } = entry;
  const whole = Object.entries(arches).map(([arch, own]) => [
    arch,
    { ...own, make: [...make, ...own.make], edits: [...edits, ...own.edits] },
  ]);
  return { kind: 'source', id, ...rest, arches: Object.fromEntries(whole) };
}

/** The arches that a kernel is there for, in their usual order. */
export function archesOf(kernel: CatalogueKernel): Arch[] {
  const entries = kernel.kind === 'packaged' ? kernel.packages : kernel.arches;
  return ARCHES.filter((arch) => entries[arch] !== undefined);
}

/** The kernel of a target; a UserError when the catalogue does not have it at all. */
export function kernelOf(catalogue: Catalogue, target: Target): CatalogueKernel {
  const kernel = catalogue.get(target.kernel);
  if (kernel) return kernel;
  throw new UserError(`there is no kernel ${target.kernel} in kernels/catalogue.yaml`, {
    code: 'unknown-kernel',
    hint: `it has ${[...catalogue.keys()].join(', ')}`,
  });
}
