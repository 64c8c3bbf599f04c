import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { UserError } from '../../lib/errors.ts';
import { ownName } from '../../lib/owner.ts';
import type { Context } from '../context.ts';
import { BUNDLE, type Bundle, MANIFEST, type Manifest, manifestSchema, readBundle } from './bundle.ts';
import { noteImport } from './imported.ts';
import { damaged, TarReader, tarOf } from './tar-file.ts';

/** The first file of a packed kernel: the SHA-256 of its manifest, which has those of all the others. */
const SEAL = 'manifest.sha256';
const SEAL_BYTES = 65;
const MANIFEST_LIMIT = 32 * 1024 * 1024;
/** No kernel with its headers is larger; what claims to be is something else. */
const TOTAL_LIMIT = 4 * 1024 ** 3;

/** Writes a bundle to one .tar.gz; the same bundle gives the same bytes. */
export async function packBundle(bundle: Bundle, file: string, signal: AbortSignal): Promise<void> {
  const manifest = await readFile(path.join(bundle.dir, MANIFEST));
  const seal = Buffer.from(`${sha256(manifest)}\n`);
  const names = Object.keys(bundle.manifest.files).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const from = path.join(bundle.dir, name);
      const executable = bundle.manifest.files[name]?.executable === true;
      return { name, executable, bytes: (await stat(from)).size, from };
    }),
  );
  const first = [
    { name: SEAL, executable: false, bytes: seal.length, from: seal },
    { name: MANIFEST, executable: false, bytes: manifest.length, from: manifest },
  ];
  const temporary = `${file}.${ownName()}`;
  try {
    await pipeline(tarOf([...first, ...files]), createGzip(), createWriteStream(temporary), { signal });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/**
 * Takes a packed kernel into the cache. Nothing is believed before the last byte was read and every hash was right;
 * until then all of it is in a folder of its own, where only plain files are made, by names that the manifest has.
 */
export async function importBundle(context: Context, file: string): Promise<Bundle> {
  const scratch = path.join(await context.cache.folder('kernel-imports'), `new-${ownName()}`);
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  try {
    const manifest = await unpackChecked(file, scratch, context.signal).catch((error: unknown) => {
      throw asDamaged(file, error);
    });
    const dir = await context.cache.entry(BUNDLE, manifest.inputs, async (building) => {
      for (const name of await readdir(scratch))
        await rename(path.join(scratch, name), path.join(building, name));
    });
    await noteImport(context, manifest);
    return readBundle(dir);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function unpackChecked(file: string, dir: string, signal: AbortSignal): Promise<Manifest> {
  const unzipped = createGunzip();
  const reading = pipeline(createReadStream(file), unzipped, { signal });
  // It is waited for below; until then its failure is also the reader's.
  reading.catch(() => undefined);
  try {
    const tar = new TarReader(unzipped);
    const manifest = await readManifest(tar, dir);
    await takeFiles(tar, manifest, dir);
    await reading;
    return manifest;
  } finally {
    unzipped.destroy();
  }
}

async function readManifest(tar: TarReader, dir: string): Promise<Manifest> {
  const seal = await tar.next();
  if (seal?.name !== SEAL || seal.bytes !== SEAL_BYTES) throw damaged(`${SEAL} is not its first file`);
  const wanted = (await tar.content(seal)).toString('latin1').trim();
  const header = await tar.next();
  if (header?.name !== MANIFEST || header.bytes > MANIFEST_LIMIT)
    throw damaged(`${MANIFEST} is not its second file`);
  // To the file first: what was checked and what is read later are the same bytes.
  const file = path.join(dir, MANIFEST);
  const found = await tar.contentTo(header, file);
  if (found !== wanted) throw damaged(`${MANIFEST} has SHA-256 ${found}, not ${wanted}`);
  const manifest = manifestSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const unsafe = Object.keys(manifest.files).find((name) => !isSafe(name));
  if (unsafe !== undefined) throw damaged(`${unsafe} is a name that leads elsewhere`);
  return manifest;
}

const isSafe = (name: string): boolean =>
  name !== MANIFEST &&
  !name.includes('\0') &&
  name.split('/').every((part) => !['', '.', '..'].includes(part));

async function takeFiles(tar: TarReader, manifest: Manifest, dir: string): Promise<void> {
  const missing = new Set(Object.keys(manifest.files));
  let total = 0;
  for (let header = await tar.next(); header; header = await tar.next()) {
    const { name } = header;
    const known = missing.delete(name) ? manifest.files[name] : undefined;
    if (!known) throw damaged(`${name} is there, and its manifest does not have it`);
    total += header.bytes;
    if (total > TOTAL_LIMIT) throw damaged('it is larger than any kernel');
    const file = path.join(dir, name);
    await mkdir(path.dirname(file), { recursive: true });
    const found = await tar.contentTo({ ...header, executable: known.executable === true }, file);
    if (found !== known.sha256) throw damaged(`${name} has SHA-256 ${found}, not ${known.sha256}`);
  }
  const [lost] = missing;
  if (lost !== undefined) throw damaged(`${lost} is missing`);
  if (!manifest.files.image) throw damaged('it holds no image');
}

/** zlib, JSON and the schema each have errors of their own for a byte that is wrong. */
function asDamaged(file: string, error: unknown): unknown {
  const codes = /^(Z_|ENOTDIR|EISDIR|EEXIST)/;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT')
    return new UserError(`${file}: there is no such file`, { code: 'no-such-file', cause: error });
  const ours = error instanceof UserError && error.code === 'bad-bundle';
  const broken =
    codes.test(code) ||
    error instanceof SyntaxError ||
    (error instanceof Error && error.name === '$ZodError') ||
    (error instanceof Error && error.name === 'ZodError');
  if (!ours && !broken) return error;
  const why = ours
    ? error.message
    : damaged(error instanceof Error ? (error.message.split('\n')[0] ?? '') : '').message;
  return new UserError(`${file} is not taken: ${why}`, {
    ...{
      code: 'bad-bundle',
      cause: error,
      hint: 'pack it once more on the machine that built it, and copy it again',
    },
  });
}
