import type { CacheInputs } from '../../lib/cache.ts';

/** The source of a kernel, found and looked at, though perhaps not downloaded yet. */
export type Source =
  | { kind: 'release'; version: string; url: string; sha256: string }
  | { kind: 'archive'; file: string; version: string; sha256: string }
  | { kind: 'tree'; dir: string; version: string; sha256: string };

/** What a kernel made of it is keyed by: where it lies does not matter, only what is in it. */
export const sourceInputs = ({ kind, version, sha256 }: Source): CacheInputs => ({
  ...{ version, sha256 },
  // An archive is hashed packed, a tree file by file.
  of: kind === 'tree' ? 'tree' : 'archive',
});

const SHOWN_DIGITS = 12;

/** As reports say it. */
export function originOf({ kind, version, sha256 }: Source): string {
  if (kind === 'release') return `release ${version}`;
  return `local ${kind} ${version} (sha256:${sha256.slice(0, SHOWN_DIGITS)}…)`;
}

/** What to type when a source cannot be had. */
export const sourceHint = (kernel: string): string =>
  `--kernel-source ${kernel}=PATH builds it from a tree or a tarball you have; \`npm run kernels -- import FILE\` takes a kernel that was built elsewhere`;
