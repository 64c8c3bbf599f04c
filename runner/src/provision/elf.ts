import { open } from 'node:fs/promises';
import { LabError } from '../lib/errors.ts';
import type { Machine } from '../lib/machines/index.ts';

/** The parts of ELF (elf(5)) the lab looks at: what a file was built for, and the bytes of a section. */

const MAGIC = 0x7f454c46;
const CLASS_32 = 1;
const CLASS_64 = 2;
const DATA_BIG = 2;
const HEADER_BYTES = 64;

export type ElfKind = Machine['elf'];

/** Parses the start of a file; undefined when it is no ELF file. */
export function parseElfHeader(bytes: Buffer): ElfKind | undefined {
  if (bytes.length < 20 || bytes.readUInt32BE(0) !== MAGIC) return undefined;
  const elfClass = bytes[4];
  if (elfClass !== CLASS_32 && elfClass !== CLASS_64) return undefined;
  const bigEndian = bytes[5] === DATA_BIG;
  const machine = bigEndian ? bytes.readUInt16BE(18) : bytes.readUInt16LE(18);
  return { machine, bits: elfClass === CLASS_64 ? 64 : 32, bigEndian };
}

/** A toolchain that quietly builds for the wrong machine would only be noticed as a guest that does not boot. */
export async function checkElf(file: string, machine: Machine): Promise<void> {
  const header = await readStart(file);
  const found = parseElfHeader(header);
  const { elf } = machine;
  const same = found?.machine === elf.machine && found.bits === elf.bits && found.bigEndian === elf.bigEndian;
  if (same) return;
  const what = found ? describe(found) : 'not an ELF file';
  throw new LabError(`${file} is ${what}; ${machine.arch} needs ${describe(elf)}`, {
    code: 'wrong-elf',
    hint: `is ${machine.gnuTriple}-gcc the compiler of that arch?`,
  });
}

const describe = ({ machine, bits, bigEndian }: ElfKind): string =>
  `machine ${machine}, ${bits} bit, ${bigEndian ? 'big' : 'little'}-endian`;

async function readStart(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The bytes of a named section; undefined when the file has no such section or is cut short. */
export function elfSection(file: Buffer, name: string): Buffer | undefined {
  const kind = parseElfHeader(file);
  if (!kind) return undefined;
  try {
    const sections = sectionHeaders(file, kind);
    const names = sections.headers[sections.nameIndex];
    const found = sections.headers.find(
      (header) => names && nameAt(file, names.offset + header.name) === name,
    );
    return found && file.subarray(found.offset, found.offset + found.size);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function sectionHeaders(file: Buffer, { bits, bigEndian }: ElfKind) {
  const u16 = (at: number): number => (bigEndian ? file.readUInt16BE(at) : file.readUInt16LE(at));
  const u32 = (at: number): number => (bigEndian ? file.readUInt32BE(at) : file.readUInt32LE(at));
  const u64 = (at: number): number => Number(bigEndian ? file.readBigUInt64BE(at) : file.readBigUInt64LE(at));
  const wide = bits === 64;
  const table = wide ? u64(40) : u32(32);
  const entryBytes = u16(wide ? 58 : 46);
  const headers = Array.from({ length: u16(wide ? 60 : 48) }, (_, index) => {
    const at = table + index * entryBytes;
    const [offset, size] = wide ? [u64(at + 24), u64(at + 32)] : [u32(at + 16), u32(at + 20)];
    return { name: u32(at), offset, size };
  });
  return { headers, nameIndex: u16(wide ? 62 : 50) };
}

function nameAt(file: Buffer, offset: number): string {
  const end = file.indexOf(0, offset);
  return file.toString('latin1', offset, end < 0 ? file.length : end);
}
