import { otherForm } from './saved-state.ts';

/**
 * The memory in a state that QEMU has saved, under the capability x-ignore-shared: sections of records, one for each page
 * (ram_save_setup() and ram_save_iterate() in migration/ram.c of QEMU; the sections are migration/savevm.c's).
 */
const SECTION_START = 0x01;
const SECTION_PART = 0x02;
const SECTION_END = 0x03;
const SECTION_FOOTER = 0x7e;
/** A section's number. */
const NUMBER_BYTES = 4;
/** The first section's name, its instance and the version of its form. */
const OPENING = Buffer.from('\x03ram\0\0\0\0\0\0\0\x04', 'latin1');

/** What the low bits of a record's first word say (RAM_SAVE_FLAG_* there); the others are the page's offset in its block. */
const FLAGS = 0xfffn;
const ZERO = 0x02n;
const MEM_SIZE = 0x04n;
const PAGE = 0x08n;
const END = 0x10n;
/** The page is of the block that was named last. */
const CONTINUE = 0x20n;
const PAGE_BYTES = 4096;

/**
 * The same state without the records that say a page of one of these blocks is zero. To take such a record over QEMU reads
 * the page, for which the host has to find memory; where the block is zero from the start nothing else comes of it.
 */
export function withoutZeroPages(state: Buffer, blocks: readonly string[]): Buffer {
  if (blocks.length === 0) return state;
  const kept: Buffer[] = [];
  let keptUpTo = 0;
  for (const { start, end } of zeroRecords(state, blocks)) {
    kept.push(state.subarray(keptUpTo, start));
    keptUpTo = end;
  }
  return Buffer.concat([...kept, state.subarray(keptUpTo)]);
}

interface Span {
  start: number;
  end: number;
}

/** Those that name their block stay: records that are kept may lean on the name. */
function* zeroRecords(state: Buffer, blocks: readonly string[]): Generator<Span> {
  const reader = new Reader(state, memoryOf(state));
  const number = state.subarray(reader.at - OPENING.length - NUMBER_BYTES, reader.at - OPENING.length);
  skipBlocks(reader);
  for (let block: string | undefined; ; ) {
    const start = reader.at;
    const flags = reader.word() & FLAGS;
    if (flags === END) {
      if (isOver(reader, number)) return;
      continue;
    }
    const named = (flags & CONTINUE) === 0n;
    if (named) block = reader.name();
    const kind = flags & ~CONTINUE;
    if (block === undefined || (kind !== ZERO && kind !== PAGE)) {
      throw otherForm(`a record of its memory has the flags 0x${flags.toString(16)}`);
    }
    reader.skip(kind === PAGE ? PAGE_BYTES : 1);
    if (kind === ZERO && !named && blocks.includes(block)) yield { start, end: reader.at };
  }
}

/** Where the first section's contents begin. */
function memoryOf(state: Buffer): number {
  const starts: number[] = [];
  for (let at = state.indexOf(OPENING); at >= 0; at = state.indexOf(OPENING, at + 1)) {
    if (state[at - NUMBER_BYTES - 1] === SECTION_START) starts.push(at + OPENING.length);
  }
  const [start] = starts;
  if (start === undefined || starts.length > 1) {
    throw otherForm(`its memory begins at ${starts.length} places of it`);
  }
  return start;
}

/** All blocks with their names, lengths and addresses, behind the sum of the lengths. */
function skipBlocks(reader: Reader): void {
  const first = reader.word();
  if ((first & FLAGS) !== MEM_SIZE) throw otherForm('its memory does not begin with its size');
  for (let left = first & ~FLAGS; left > 0n; ) {
    reader.name();
    left -= reader.word();
    reader.word();
  }
}

/** Behind the end of one section's contents: whether it was the last, and on to the next one's if not. */
function isOver(reader: Reader, number: Buffer): boolean {
  if (reader.byte() !== SECTION_FOOTER || !reader.bytes(NUMBER_BYTES).equals(number)) {
    throw otherForm('a section of its memory does not end where its records do');
  }
  const type = reader.peek();
  if (type !== SECTION_PART && type !== SECTION_END) return true;
  reader.skip(1);
  // Only memory is saved in parts by a guest that has no disk.
  if (!reader.bytes(NUMBER_BYTES).equals(number)) throw otherForm('more than its memory is saved in parts');
  return false;
}

/** Big-endian, as all of it is. */
class Reader {
  readonly #state: Buffer;
  at: number;

  constructor(state: Buffer, at: number) {
    this.#state = state;
    this.at = at;
  }

  peek(): number | undefined {
    return this.#state[this.at];
  }

  bytes(length: number): Buffer {
    const start = this.at;
    this.skip(length);
    return this.#state.subarray(start, this.at);
  }

  byte(): number {
    return this.bytes(1).readUInt8();
  }

  word(): bigint {
    return this.bytes(8).readBigUInt64BE();
  }

  name(): string {
    return this.bytes(this.byte()).toString('latin1');
  }

  skip(length: number): void {
    if (this.at + length > this.#state.length) throw otherForm('its memory goes on behind its end');
    this.at += length;
  }
}
