import { UserError } from '../../lib/errors.ts';

/** The version that the first lines of a kernel's makefile say: `4.10`, `6.13.7`, `6.14-rc3`. */
export function versionOfMakefile(makefile: string): string | undefined {
  const value = (name: string): string | undefined =>
    new RegExp(`^${name}[ \\t]*=[ \\t]*(.*?)[ \\t]*$`, 'm').exec(makefile)?.[1];
  const [version, patch] = [value('VERSION'), value('PATCHLEVEL')];
  if (!version || !patch || !/^\d+$/.test(version + patch)) return undefined;
  const sub = value('SUBLEVEL') ?? '';
  return `${version}.${patch}${sub === '' || sub === '0' ? '' : `.${sub}`}${value('EXTRAVERSION') ?? ''}`;
}

/** Whether a tree of this version may stand for a release: the release itself, or a stable update of it. */
export function mayStandFor(found: string, release: string): boolean {
  return found === release || found.startsWith(`${release}.`) || found.startsWith(`${release}-`);
}

export function checkVersion(place: string, found: string | undefined, release: string): string {
  if (found !== undefined && mayStandFor(found, release)) return found;
  const what = found === undefined ? 'is not a kernel’s source' : `is Linux ${found}`;
  throw new UserError(`${place} ${what}; Linux ${release} or a stable update of it is wanted`, {
    code: 'wrong-kernel-source',
    hint: `give the folder that holds the Makefile of Linux ${release}, or a .tar.xz, .tar.gz or .tar.zst of it`,
  });
}
