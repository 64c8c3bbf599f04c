import path from 'node:path';
import { UserError } from '../lib/errors.ts';
import { ARCHES, type Target } from '../lib/ids.ts';
import { projectRoot } from '../lib/project.ts';
import { type KnownKernel, oneOf } from '../plan/index.ts';
// Not by way of the stage's index, which loads all that provisioning is made of: wrong words are to be answered at once.
import { archesOf, type Catalogue, ownSource } from '../provision/catalogue.ts';

export { archesOf, ownSource };

/** The project's own scenarios. */
export const scenariosDir = path.join(projectRoot, 'scenarios');

/** The catalogue as planning needs it. */
export function knownKernels(catalogue: Catalogue): KnownKernel[] {
  return [...catalogue.values()].map((kernel) => ({
    ...{ id: kernel.id, arches: archesOf(kernel) },
    slowness: kernel.kind === 'source' ? kernel.slowness : 1,
    aside: kernel.kind === 'source' && kernel.sibling !== kernel.id,
  }));
}

/** `arm/debian-6.1`, which the catalogue must have. */
export function parseTarget(text: string, catalogue: Catalogue): Target {
  const [arch = '', kernel = '', ...rest] = text.split('/');
  if (kernel === '' || rest.length > 0) {
    throw new UserError(`${text}: a target is named arch/kernel`, {
      code: 'bad-target',
      hint: `such as ${targetsOf(catalogue)[0] ?? 'arm/debian-6.1'}`,
    });
  }
  const target = {
    arch: oneOf('arch', arch, ARCHES),
    kernel: oneOf('kernel', kernel, [...catalogue.keys()]),
  };
  if (targetsOf(catalogue).includes(text)) return target;
  throw new UserError(`the catalogue has no ${kernel} for ${arch}`, {
    code: 'unknown-target',
    hint: `targets there are: ${targetsOf(catalogue).join(', ')}`,
  });
}

function targetsOf(catalogue: Catalogue): string[] {
  return knownKernels(catalogue).flatMap(({ id, arches }) => arches.map((arch) => `${arch}/${id}`));
}
