import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { DebianSource } from '../../setup/apt-sources.mjs';
import { LabError } from '../lib/errors.ts';
import { run } from '../lib/process.ts';
import { type DebPackage, fetchIndex, fieldOf, inArchive, newestStanza } from './apt.ts';
import type { Context } from './context.ts';
import { fetchPackage } from './packages.ts';

/** A program's source as the distribution keeps it: upstream's release, and what the distribution adds to it. */
export interface SourcePackage<Name extends string = string> {
  name: Name;
  version: string;
  release: DebPackage;
  additions: DebPackage;
}

const UNPACK_LIMIT_SECONDS = 120;

/** Source packages of a suite, each at its newest version. */
export async function findSources<Name extends string>(
  context: Context,
  suite: string,
  debianArch: string,
  names: readonly Name[],
): Promise<SourcePackage<Name>[]> {
  const { index, source } = await fetchIndex(context, suite, 'Sources', debianArch);
  return names.map((name) => findSource(index, name, source));
}

export function findSource<Name extends string>(
  index: Buffer,
  name: Name,
  source: DebianSource,
): SourcePackage<Name> {
  const stanza = newestStanza(index, name);
  if (!stanza) throw badIndex(`${source.suite} has no source package ${name}`);
  const version = fieldOf(stanza, 'version', source);
  const files = fieldOf(stanza, 'checksums-sha256', source).trim().split('\n').map(parseFile);
  const fileLike = (pattern: RegExp): DebPackage => {
    const found = files.find((file) => pattern.test(file.name));
    if (!found) throw badIndex(`the source package ${name} of ${source.suite} has no file like ${pattern}`);
    const uri = inArchive(source, `${fieldOf(stanza, 'directory', source)}/${found.name}`);
    return { name, version, suite: source.suite, uri, bytes: found.bytes, sha256: found.sha256 };
  };
  const release = fileLike(/\.orig\.tar\.(gz|bz2|xz)$/);
  return { name, version, release, additions: fileLike(/\.debian\.tar\.(gz|bz2|xz)$/) };
}

/** A line of Checksums-Sha256: hash, size, name (deb822). */
function parseFile(line: string): { sha256: string; bytes: number; name: string } {
  const [, sha256, bytes, name] = /^([0-9a-f]{64}) +(\d+) +([^\s/]+)$/i.exec(line) ?? [];
  if (!sha256 || !name) throw badIndex(`a source package has a file without SHA-256: ${line}`);
  return { sha256: sha256.toLowerCase(), bytes: Number(bytes), name };
}

const badIndex = (message: string): LabError => new LabError(message, { code: 'bad-apt-index' });

/**
 * Unpacks the release into a folder, and the distribution's additions below its `debian/`, in the place of what the
 * release may have there, as Debian's source format 3.0 asks for. No patch is applied.
 */
export async function unpackSource(context: Context, source: SourcePackage, dir: string): Promise<void> {
  const release = await fetchPackage(context, source.release);
  const additions = await fetchPackage(context, source.additions);
  await mkdir(dir);
  // The first folder of the release has a name of its own choice.
  await untarInto(context, release, dir, ['--strip-components=1']);
  await rm(path.join(dir, 'debian'), { recursive: true, force: true });
  await untarInto(context, additions, dir, ['debian']);
}

const untarInto = (context: Context, file: string, dir: string, words: readonly string[]) =>
  run('tar', ['-x', '-f', file, '-C', dir, '--no-same-owner', ...words], {
    signal: context.signal,
    env: { ...context.env, LC_ALL: 'C' },
    limitSeconds: UNPACK_LIMIT_SECONDS,
  });
