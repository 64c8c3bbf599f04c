import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../lib/errors.ts';
import { ARCHES, type Arch, type KernelId, kernelIdSchema, type Target } from '../lib/ids.ts';
import { projectRoot } from '../lib/project.ts';
import { type PlacedProblem, readPlacedYaml, readYaml } from '../lib/yaml-file.ts';
import {
  type Edit,
  flavourSchema,
  outlineSchema,
  packagedSchema,
  type Release,
  type SourcePackage,
  sourceSchema,
} from './catalogue-schema.ts';
import type { KernelSources } from './context.ts';

export type { Edit, Release, SourcePackage } from './catalogue-schema.ts';

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
  /** Fragments below kernels/config, without `.config`, that count after those its name gives it. */
  config: readonly string[];
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
  /** The kernel whose source this one is built from, with more fragments and edits; itself where it is no flavour. */
  sibling: KernelId;
  /** Words that are added to its command line. */
  parameters: readonly string[];
  /** How many times the usual time its guests may take. */
  slowness: number;
}

export type CatalogueKernel = PackagedKernel | SourceKernel;

export type Catalogue = ReadonlyMap<KernelId, CatalogueKernel>;

export async function loadCatalogue(
  file = path.join(projectRoot, 'kernels/catalogue.yaml'),
): Promise<Catalogue> {
  const outline = Object.entries((await readYaml(file, outlineSchema)).kernels);
  const shape = outline.map(([name, entry]) => [name, schemaOf(entry)] as const);
  const schema = z.strictObject({ kernels: z.strictObject(Object.fromEntries(shape)) });
  const { value, complain } = await readPlacedYaml(file, schema);
  const entries = new Map(Object.entries<Entry>(value.kernels));
  const known = [...entries].map(([name, entry]): [KernelId, CatalogueKernel] => {
    const id = kernelIdSchema.parse(name);
    if (!('flavourOf' in entry)) return [id, plainKernel(id, entry)];
    const made = flavourOf(id, entry, entries.get(entry.flavourOf));
    if ('text' in made) throw complain([{ ...made, path: ['kernels', name, ...made.path] }]);
    return [id, made];
  });
  return new Map(known);
}

type PlainEntry = z.infer<typeof packagedSchema> | z.infer<typeof sourceSchema>;
type FlavourEntry = z.infer<typeof flavourSchema>;
type Entry = PlainEntry | FlavourEntry;

const has = (entry: unknown, key: string): boolean =>
  typeof entry === 'object' && entry !== null && key in entry;

/** An entry is read as what it seems to be, so that what is wrong with it is told in the terms of its own kind. */
function schemaOf(entry: unknown): z.ZodType<Entry> {
  if (has(entry, 'flavourOf')) return flavourSchema;
  return has(entry, 'source') ? sourceSchema : packagedSchema;
}

const plainKernel = (id: KernelId, entry: PlainEntry): CatalogueKernel =>
  'source' in entry ? sourceKernel(id, entry) : packagedKernel(id, entry);

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
    { ...own, make: [...make, ...own.make], edits: [...edits, ...own.edits], config: [] },
  ]);
  return {
    kind: 'source',
    id,
    sibling: id,
    parameters: [],
    slowness: 1,
    ...rest,
    arches: Object.fromEntries(whole),
  };
}

/** Its sibling, but for what it says of itself; or what is wrong with the entry. */
function flavourOf(id: KernelId, entry: FlavourEntry, of: Entry | undefined): SourceKernel | PlacedProblem {
  if (!of || !('source' in of)) {
    return { path: ['flavourOf'], text: `a kernel that is built is wanted, and ${entry.flavourOf} is none` };
  }
  const { flavourOf: sibling, about, memoryMiB, parameters, slowness, config, edits } = entry;
  const plain = sourceKernel(sibling, of);
  const arches: SourceKernel['arches'] = {};
  for (const arch of ARCHES) {
    const more = entry.arches[arch];
    if (!more) continue;
    const own = plain.arches[arch];
    if (!own) return { path: ['arches', arch], text: `${sibling} is not there for ${arch}` };
    arches[arch] = {
      ...own,
      edits: [...own.edits, ...edits, ...more.edits],
      config: [...config, ...more.config],
    };
  }
  const own = { id, sibling, about, parameters, slowness, arches };
  return { ...plain, ...own, memoryMiB: memoryMiB ?? plain.memoryMiB };
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

/** Where the user has it: what was named for the kernel itself, else for the one that it is a flavour of. */
export const ownSource = (
  sources: KernelSources | undefined,
  { id, sibling }: SourceKernel,
): string | undefined => sources?.get(id) ?? sources?.get(sibling);
