import { z } from 'zod';
import { LabError } from '../lib/errors.ts';
import { targetName } from '../lib/ids.ts';
import type { Machine } from '../lib/machines/index.ts';
import {
  type DebPackage,
  debPackageSchema,
  hostArch,
  type IndexedPackage,
  openSuite,
  type SuiteIndex,
} from './apt.ts';
import type { PackagedKernel } from './catalogue.ts';
import type { Context } from './context.ts';
import { dependenciesOf } from './control-file.ts';
import { remembered } from './remembered.ts';
import { isPassing, Unavailable } from './unavailable.ts';

const resolvedSchema = z.strictObject({
  v: z.literal(1),
  at: z.iso.datetime(),
  release: z.string(),
  image: debPackageSchema,
  headers: debPackageSchema,
  common: debPackageSchema,
  kbuild: debPackageSchema,
});

/** What a line of the catalogue means today: concrete packages, all of one version. */
export type ResolvedKernel = z.infer<typeof resolvedSchema>;

/** The packages of a kernel, as the distribution has them. */
export async function resolveKernel(
  context: Context,
  kernel: PackagedKernel,
  machine: Machine,
): Promise<ResolvedKernel> {
  const target = targetName({ arch: machine.arch, kernel: kernel.id });
  const meta = kernel.packages[machine.arch];
  if (!meta) {
    const arches = Object.keys(kernel.packages).join(', ');
    throw new Unavailable(
      `${kernel.id} is not packaged for ${machine.arch}`,
      `kernels/catalogue.yaml has it for ${arches}`,
    );
  }
  return remembered(context, `${kernel.id}-${machine.arch}`, target, resolvedSchema, () =>
    search(context, kernel, meta, machine),
  );
}

async function search(
  context: Context,
  kernel: PackagedKernel,
  meta: string,
  machine: Machine,
): Promise<ResolvedKernel> {
  const failures: string[] = [];
  for (const suite of kernel.suites) {
    try {
      return await searchSuite(context, suite, meta, machine);
    } catch (error) {
      if (!isPassing(error)) throw error;
      failures.push(`${suite}: ${error.message}`);
    }
  }
  throw new LabError(failures.join('\n'), { code: 'no-apt-source' });
}

async function searchSuite(
  context: Context,
  suite: string,
  meta: string,
  machine: Machine,
): Promise<ResolvedKernel> {
  const [guest, host] = await Promise.all([
    openSuite(context, suite, machine.debianArch),
    hostArch(context).then((arch) => openSuite(context, suite, arch)),
  ]);
  const image = dependency(guest, meta, /^linux-image-/);
  const release = image.deb.name.slice('linux-image-'.length);
  const headers = find(guest, `linux-headers-${release}`);
  const common = dependency(guest, headers.deb.name, /^linux-headers-.*-common/);
  // The build tools run here, so they are of this arch; they must be of the kernel's version all the same.
  const kbuild = find(host, nameLike(dependenciesOf(headers.stanza), /^linux-kbuild-/, headers.deb.name));
  const all = { image: image.deb, headers: headers.deb, common: common.deb, kbuild: kbuild.deb };
  for (const deb of Object.values(all)) {
    if (deb.version === image.deb.version) continue;
    throw missing(`${deb.name} is at ${deb.version}, but ${image.deb.name} at ${image.deb.version}`);
  }
  return { v: 1, at: context.now().toISOString(), release, ...all };
}

function dependency(index: SuiteIndex, name: string, pattern: RegExp): IndexedPackage {
  const owner = find(index, name);
  return find(index, nameLike(dependenciesOf(owner.stanza), pattern, name));
}

function nameLike(names: readonly string[], pattern: RegExp, owner: string): string {
  const found = names.find((name) => pattern.test(name));
  if (found) return found;
  throw missing(`${owner} depends on nothing like ${pattern.source}`);
}

function find(index: SuiteIndex, name: string): IndexedPackage {
  const found = index.find(name);
  if (found) return found;
  throw missing(`there is no package ${name}`);
}

const missing = (message: string): LabError => new LabError(message, { code: 'bad-apt-index' });

export const packagesOf = ({ image, headers, common, kbuild }: ResolvedKernel): DebPackage[] => [
  ...[image, headers, common, kbuild],
];
