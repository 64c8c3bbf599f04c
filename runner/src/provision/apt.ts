import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';
import {
  aptConf,
  type DebianSource,
  indexTargetsArgs,
  parseIndexTargets,
  privateAptArgs,
  sourceLine,
  sourceOfSuite,
} from '../../setup/apt-sources.mjs';
import { LabError } from '../lib/errors.ts';
import { type RunOptions, type RunResult, run } from '../lib/process.ts';
import type { Context } from './context.ts';
import { parseStanzas, type Stanza } from './control-file.ts';
import { once } from './once.ts';

/** A package as an index of the distribution describes it. */
export const debPackageSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  suite: z.string(),
  uri: z.string(),
  bytes: z.number(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export type DebPackage = z.infer<typeof debPackageSchema>;

/** The index of one suite for one arch. */
export interface SuiteIndex {
  suite: string;
  /** A package of this suite, at its newest version. */
  find(name: string): IndexedPackage | undefined;
}

export interface IndexedPackage {
  stanza: Stanza;
  deb: DebPackage;
}

/** A mirror that answers at all answers within this time. */
const UPDATE_LIMIT_SECONDS = 180;
const QUERY_LIMIT_SECONDS = 60;

export async function openSuite(context: Context, suite: string, debianArch: string): Promise<SuiteIndex> {
  const { index, source } = await fetchIndex(context, suite, 'Packages', debianArch);
  return { suite, find: (name) => findPackage(index, name, source) };
}

/** The two kinds of index: what is ready to install for an arch, and what it is made from. */
type IndexKind = 'Packages' | 'Sources';

/**
 * An index of one suite as it is today, got through a private apt that the host's own does not know of. One entry for
 * each suite and arch, so that one bad index stops nobody else, and one for each day (UTC), so that it is fresh. Two
 * runs at once fetch it twice at worst; the cache keeps the first.
 */
export async function fetchIndex(
  context: Context,
  suite: string,
  kind: IndexKind,
  debianArch: string,
): Promise<{ index: Buffer; source: DebianSource }> {
  const source = sourceOfSuite(await hostSources(context), suite);
  if (!source) {
    throw new LabError(`the host's apt sources do not lead to a Debian archive for ${suite}`, {
      code: 'no-apt-source',
      hint: 'add a Debian source to /etc/apt/sources.list.d, then `apt-get update`',
    });
  }
  const line = lineOf(source, kind);
  const inputs = { line, kind, debianArch, day: today(context), refreshedAt: context.refreshedAt };
  const dir = await context.cache.entry('apt-index', inputs, (building) =>
    update(context, building, { line, kind, debianArch }),
  );
  return { index: await unzip(await readFile(path.join(dir, INDEX))), source };
}

function lineOf(source: DebianSource, kind: IndexKind): string {
  const line = sourceLine(source, existsSync);
  return kind === 'Packages' ? line : line.replace(/^deb /, 'deb-src ');
}

const INDEX = 'index.gz';
const zip = promisify(gzip);
const unzip = promisify(gunzip);

const today = (context: Context): string => context.now().toISOString().slice(0, 10);

const limits = (context: Context, limitSeconds: number) => ({ signal: context.signal, limitSeconds });

/** apt checks the signature and the hashes; what stays of its folder is the one index. */
async function update(
  context: Context,
  dir: string,
  { line, kind, debianArch }: { line: string; kind: IndexKind; debianArch: string },
): Promise<void> {
  const scratch = path.join(dir, 'apt');
  await mkdir(path.join(scratch, 'lists/partial'), { recursive: true });
  await mkdir(path.join(scratch, 'cache/archives/partial'), { recursive: true });
  await writeFile(path.join(scratch, 'sources.list'), line);
  await writeFile(path.join(scratch, 'status'), '');
  const env = { ...context.env, ...(await aptConfiguration(context)) };
  const args = ['update', '-q', '--error-on=any', ...privateAptArgs(scratch, debianArch)];
  await runApt('apt-get', args, { ...limits(context, UPDATE_LIMIT_SECONDS), env });
  const lists = await readdir(path.join(scratch, 'lists'));
  const found = lists.find((name) => name.endsWith(`_${kind}`));
  if (!found) throw new LabError(`apt brought no index for ${line.trim()}`, { code: 'bad-apt-index' });
  const index = await readFile(path.join(scratch, 'lists', found));
  await writeFile(path.join(dir, INDEX), await zip(index, { level: 1 }));
  await rm(scratch, { recursive: true });
}

export function findPackage(index: Buffer, name: string, source: DebianSource): IndexedPackage | undefined {
  const stanza = newestStanza(index, name);
  return stanza && { stanza, deb: toPackage(stanza, source) };
}

/** What an index says of a package; it may hold several versions of one for a while. */
export function newestStanza(index: Buffer, name: string): Stanza | undefined {
  const stanzas: Stanza[] = [];
  const start = `Package: ${name}\n`;
  for (let at = index.indexOf(start); at >= 0; at = index.indexOf(start, at + 1)) {
    if (at > 0 && index[at - 1] !== NEWLINE) continue;
    const end = index.indexOf('\n\n', at);
    stanzas.push(...parseStanzas(index.toString('utf8', at, end < 0 ? index.length : end)));
  }
  const version = (stanza: Stanza): string => stanza.get('version') ?? '';
  return stanzas.sort((a, b) => newestFirst(version(a), version(b)))[0];
}

const NEWLINE = 10;

/** Good enough to tell two versions of one package in one suite apart; that all parts are of one is checked later. */
const newestFirst = (a: string, b: string): number => b.localeCompare(a, 'en', { numeric: true });

/** The environment in which apt's programs read the private configuration instead of the host's. */
export async function aptConfiguration(context: Context): Promise<Record<string, string>> {
  return once(context, 'apt-configuration', async () => {
    const dump = await runApt('apt-config', ['dump'], {
      ...limits(context, QUERY_LIMIT_SECONDS),
      env: context.env,
    });
    const conf = aptConf(dump.stdout);
    const dir = await context.cache.entry('apt-conf', { conf }, (building) =>
      writeFile(path.join(building, 'apt.conf'), conf),
    );
    return { APT_CONFIG: path.join(dir, 'apt.conf'), LC_ALL: 'C' };
  });
}

/** The host's own Debian sources. A host whose lists were never fetched or were emptied gets private ones to ask. */
function hostSources(context: Context): Promise<DebianSource[]> {
  return once(context, 'host-sources', async () => {
    const options = { ...limits(context, UPDATE_LIMIT_SECONDS), env: { ...context.env, LC_ALL: 'C' } };
    const own = parseIndexTargets((await runApt('apt-get', [...indexTargetsArgs], options)).stdout);
    if (own.length > 0) return own;
    const inputs = { host: true, day: today(context) };
    const dir = await context.cache.entry('apt-index', inputs, async (building) => {
      const lists = path.join(building, 'lists');
      await mkdir(path.join(lists, 'partial'), { recursive: true });
      // A source of the host that is broken must not take the others along: the exit status is not looked at.
      await runApt('apt-get', ['update', '-q', ...listsOnly(lists)], { ...options, accept: [0, 100] });
    });
    return parseIndexTargets(
      (await runApt('apt-get', [...indexTargetsArgs, ...listsOnly(path.join(dir, 'lists'))], options)).stdout,
    );
  });
}

const listsOnly = (lists: string): string[] => [
  ...['-o', `Dir::State::lists=${lists}`, '-o', 'Acquire::Languages=none', '-o', 'APT::Sandbox::User='],
];

function toPackage(stanza: Stanza, source: DebianSource): DebPackage {
  const field = (name: string): string => fieldOf(stanza, name, source);
  return {
    name: field('package'),
    version: field('version'),
    suite: source.suite,
    uri: inArchive(source, field('filename')),
    bytes: Number(field('size')),
    sha256: field('sha256').toLowerCase(),
  };
}

/** A field that an index must have. */
export function fieldOf(stanza: Stanza, name: string, source: DebianSource): string {
  const value = stanza.get(name);
  if (value) return value;
  throw new LabError(`the index of ${source.suite} has a package without ${name}`, { code: 'bad-apt-index' });
}

/** The address of a file that an index names. */
export const inArchive = (source: DebianSource, name: string): string =>
  new URL(name, source.uri.endsWith('/') ? source.uri : `${source.uri}/`).href;

/** A failure of apt is about one mirror or one package, unlike those of the other programs the lab runs. */
export async function runApt(file: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  try {
    return await run(file, args, options);
  } catch (error) {
    if (!(error instanceof LabError) || !error.code.startsWith('program-')) throw error;
    const hint = error.code === 'program-missing' ? 'apt is what the lab gets kernels with' : undefined;
    throw new LabError(error.message, { code: 'apt-failed', cause: error, ...(hint ? { hint } : {}) });
  }
}

/** The arch of the programs that run here, in the distribution's words: `amd64`. */
export function hostArch(context: Context): Promise<string> {
  return once(context, 'host-arch', async () => {
    const options = { signal: context.signal, env: context.env, limitSeconds: 20 };
    return (await run('dpkg', ['--print-architecture'], options)).stdout.trim();
  });
}
