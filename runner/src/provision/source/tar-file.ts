import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { UserError } from '../../lib/errors.ts';

/** The one form of tar that packed kernels have (ustar, pax(1)): plain files, nothing else. */

const BLOCK = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
const MAGIC = 'ustar\0';
const MODE = { plain: 0o644, executable: 0o755 };

export interface TarFile {
  name: string;
  executable: boolean;
  bytes: number;
}

/** Header and content of each file in turn, with nothing in it that tells of when, where or by whom. */
export async function* tarOf(
  files: readonly (TarFile & { from: string | Buffer })[],
): AsyncGenerator<Buffer> {
  for (const file of files) {
    yield header(file);
    if (typeof file.from === 'string') yield* createReadStream(file.from) as AsyncIterable<Buffer>;
    else yield file.from;
    yield Buffer.alloc((BLOCK - (file.bytes % BLOCK)) % BLOCK);
  }
  yield Buffer.alloc(2 * BLOCK);
}

function header({ name, executable, bytes }: TarFile): Buffer {
  const block = Buffer.alloc(BLOCK);
  const [prefix, rest] = splitName(name);
  const octal = (value: number, at: number, digits: number): void => {
    block.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'latin1');
  };
  block.write(rest, 0, 'utf8');
  octal(executable ? MODE.executable : MODE.plain, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(bytes, 124, 11);
  octal(0, 136, 11);
  block.write('0', 156, 'latin1');
  block.write(`${MAGIC}00`, 257, 'latin1');
  block.write(prefix, 345, 'utf8');
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** A name that is too long for its field has its first folders in another one. */
function splitName(name: string): [string, string] {
  if (Buffer.byteLength(name) <= NAME_BYTES) return ['', name];
  for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) {
    const [prefix, rest] = [name.slice(0, at), name.slice(at + 1)];
    if (Buffer.byteLength(prefix) <= PREFIX_BYTES && Buffer.byteLength(rest) <= NAME_BYTES)
      return [prefix, rest];
  }
  throw new UserError(`${name} is too long a name to be packed`, { code: 'name-too-long' });
}

/** Of all bytes, with blanks where it stands itself. */
function checksum(block: Buffer): number {
  let sum = 0;
  for (const [at, byte] of block.entries()) sum += at >= 148 && at < 156 ? 0x20 : byte;
  return sum;
}

/** Reads what tarOf wrote, and refuses whatever else a tar archive may hold. */
export class TarReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next file's header; its content must be taken before the next one. undefined at the end. */
  async next(): Promise<TarFile | undefined> {
    const block = await this.#take(BLOCK);
    if (block.every((byte) => byte === 0)) {
      await this.#end();
      return undefined;
    }
    return parseHeader(block);
  }

  async content({ bytes }: TarFile): Promise<Buffer> {
    const content = Buffer.from(await this.#take(bytes));
    await this.#padding(bytes);
    return content;
  }

  /** Writes the content to a new file; returns its SHA-256. */
  async contentTo({ bytes, executable }: TarFile, file: string): Promise<string> {
    const hash = createHash('sha256');
    await using handle = await openNew(file, executable ? MODE.executable : MODE.plain);
    for (let left = bytes; left > 0; ) {
      if (this.#rest.length === 0) this.#rest = await this.#more();
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      hash.update(part);
      await handle.file.writeFile(part);
    }
    await this.#padding(bytes);
    return hash.digest('hex');
  }

  async #padding(bytes: number): Promise<void> {
    const padding = await this.#take((BLOCK - (bytes % BLOCK)) % BLOCK);
    if (padding.some((byte) => byte !== 0)) throw damaged('something stands between two files');
  }

  /** Reading to the very end is what checks the checksum of the compression. */
  async #end(): Promise<void> {
    for (;;) {
      if (this.#rest.some((byte) => byte !== 0)) throw damaged('something stands behind its end');
      const { value, done } = await this.#chunks.next();
      if (done) return;
      this.#rest = value;
    }
  }

  async #take(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = [this.#rest];
    let have = this.#rest.length;
    while (have < bytes) {
      const chunk = await this.#more();
      parts.push(chunk);
      have += chunk.length;
    }
    const all = parts.length === 1 ? this.#rest : Buffer.concat(parts);
    this.#rest = all.subarray(bytes);
    return all.subarray(0, bytes);
  }

  async #more(): Promise<Buffer> {
    const { value, done } = await this.#chunks.next();
    if (done) throw damaged('it is cut off');
    return value;
  }
}

async function openNew(name: string, mode: number) {
  // Never a file that is there, and never through a link.
  const file = await open(name, 'wx', mode);
  return { file, [Symbol.asyncDispose]: () => file.close() };
}

function parseHeader(block: Buffer): TarFile {
  const text = (from: number, bytes: number): string => {
    const field = block.subarray(from, from + bytes);
    const end = field.indexOf(0);
    return field.toString('utf8', 0, end < 0 ? bytes : end);
  };
  const octal = (from: number, bytes: number): number => {
    const digits = text(from, bytes).trim();
    if (!/^[0-7]+$/.test(digits)) throw damaged('a header holds no number where one belongs');
    return Number.parseInt(digits, 8);
  };
  if (octal(148, 8) !== checksum(block)) throw damaged('the checksum of a header is wrong');
  if (text(257, 6) !== 'ustar') throw damaged('a header is of another form');
  const name = [text(345, PREFIX_BYTES), text(0, NAME_BYTES)].filter((part) => part !== '').join('/');
  if (text(156, 1) !== '0') throw damaged(`${name} is not a plain file`);
  return { name, executable: (octal(100, 8) & 0o100) !== 0, bytes: octal(124, 12) };
}

export const damaged = (why: string): UserError =>
  new UserError(`it is no packed kernel, or it was damaged: ${why}`, { code: 'bad-bundle' });
