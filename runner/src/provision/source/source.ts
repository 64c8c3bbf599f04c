import type { CacheInputs } from '../../lib/cache.ts';
import type { DebPackage } from '../apt.ts';
import type { Release } from '../catalogue.ts';

/** The source of a kernel, found and looked at, though perhaps not downloaded yet. */
export type Source =
  | ({ kind: 'release' } & Release)
  | { kind: 'package'; version: string; sha256: string; deb: DebPackage }
  | { kind: 'archive'; file: string; version: string; sha256: string }
  | { kind: 'tree'; dir: string; version: string; sha256: string };

/** What a kernel made of it is keyed by: where it lies does not matter, only what is in it. */
export const sourceInputs = ({ kind, version, sha256 }: Source): CacheInputs => ({
  ...{ version, sha256 },
  // An archive is hashed packed, a tree file by file.
  of: kind === 'tree' || kind === 'package' ? kind : 'archive',
});

const SHOWN_DIGITS = 12;

/** As reports say it. */
export function originOf(source: Source): string {
  const { kind, version, sha256 } = source;
  if (kind === 'release') return `release ${version}`;
  if (kind === 'package') return `package ${source.deb.name} ${source.deb.version}`;
  return `local ${kind} ${version} (sha256:${sha256.slice(0, SHOWN_DIGITS)}…)`;
}

/** Whether it is the one that the catalogue names; any other is the user's own. */
export const isPinned = ({ kind }: Source): boolean => kind === 'release' || kind === 'package';

/** What to type when a source cannot be had. */
export const sourceHint = (kernel: string): string =>
  `--kernel-source ${kernel}=PATH builds it from a tree or a tarball you have; \`npm run kernels -- import FILE\` takes a kernel that was built elsewhere`;
