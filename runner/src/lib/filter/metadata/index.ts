import { readFileSync } from 'node:fs';
import { ARCHES, type Arch } from '../../ids.ts';
import type { Table } from './types.ts';

/** What is known of the system calls of each arch, from the generated tables. */

export type Type =
  | { kind: 'int'; bits: 8 | 16 | 32 | 64; signed: boolean }
  | { kind: 'string' }
  | { kind: 'pointer'; struct: string | undefined };

/** An argument, and where the kernel passes it to a filter: `low` is a place in seccomp_data's args. */
export interface Argument {
  name: string;
  type: Type;
  low: number;
  /** Of a 64-bit value in two registers the upper half. */
  high: number | undefined;
}

export interface Syscall {
  name: string;
  number: number;
  args: readonly Argument[];
  /** The names and types of its arguments are known. */
  described: boolean;
}

export interface Member {
  offset: number;
  size: number;
  signed: boolean;
}

export interface Metadata {
  arch: Arch;
  from: Table['from'];
  audit: number;
  bits: 32 | 64;
  bigEndian: boolean;
  syscalls: ReadonlyMap<string, Syscall>;
  constants: ReadonlyMap<string, bigint>;
  structs: ReadonlyMap<string, ReadonlyMap<string, Member>>;
}

/** What a filter can see: seccomp_data has no more. */
export const VISIBLE_ARGS = 6;

const U32: Type = { kind: 'int', bits: 32, signed: false };
const I32: Type = { kind: 'int', bits: 32, signed: true };

/**
 * Arguments of which the kernel itself looks at fewer bits than it declares: the upper ones are the caller's to choose, and a
 * rule that looked at them could be passed. By file: kernel/fork.c (lower_32_bits), fs/read_write.c (fdget), mm/mmap.c (fget),
 * kernel/ptrace.c (pid_t), kernel/kcmp.c and mm/mempolicy.c (int).
 */
const KERNEL_TRUNCATES: Readonly<Record<string, Type>> = {
  'clone.clone_flags': U32,
  ...Object.fromEntries(
    ['readv', 'writev', 'preadv', 'pwritev', 'preadv2', 'pwritev2'].flatMap((call) => [
      [`${call}.fd`, U32],
      [`${call}.vlen`, U32],
    ]),
  ),
  'mmap.fd': I32,
  'mmap2.fd': I32,
  'ptrace.pid': I32,
  'kcmp.idx1': U32,
  'kcmp.idx2': U32,
  'mbind.mode': I32,
};

const loaded = new Map<Arch, Metadata>();

export function metadataOf(arch: Arch): Metadata {
  const known = loaded.get(arch);
  if (known) return known;
  const made = fromTable(readTable(arch));
  loaded.set(arch, made);
  return made;
}

/** The tables are the project's own, generated and tested: their shape is not doubted here. */
export const readTable = (arch: Arch): Table =>
  JSON.parse(readFileSync(new URL(`tables/${arch}.json`, import.meta.url), 'utf8')) as Table;

function fromTable(table: Table): Metadata {
  const undescribed = new Set(table.undescribed);
  const syscalls = Object.entries(table.syscalls).map(([name, [number, ...args]]): [string, Syscall] => [
    name,
    { name, number, args: placed(name, args, table.bits), described: !undescribed.has(name) },
  ]);
  return {
    arch: table.arch,
    from: table.from,
    audit: table.audit,
    bits: table.bits,
    bigEndian: table.bigEndian,
    syscalls: new Map(syscalls),
    constants: new Map(Object.entries(table.constants).map(([name, value]) => [name, BigInt(value)])),
    structs: new Map(
      Object.entries(table.structs).map(([name, { members }]) => [
        name,
        new Map(
          Object.entries(members).map(([member, [offset, size, signed]]) => [
            member,
            { offset, size, signed: signed === 1 },
          ]),
        ),
      ]),
    ),
  };
}

/**
 * Where each argument lies. On the 32-bit arches a 64-bit value takes two registers, the first of which is an even
 * one (arm's EABI and mips' o32 alike), and the half that memory would have first comes first.
 */
function placed(call: string, words: readonly string[], bits: 32 | 64): Argument[] {
  let next = 0;
  return words.map((word) => {
    const [name = '', code = ''] = word.split(':');
    const type = KERNEL_TRUNCATES[`${call}.${name}`] ?? typeOf(code);
    const pair = bits === 32 && type.kind === 'int' && type.bits === 64;
    if (pair && next % 2 === 1) next++;
    const first = next;
    next += pair ? 2 : 1;
    return { name, type, low: first, high: pair ? first + 1 : undefined };
  });
}

function typeOf(code: string): Type {
  if (code === 'str') return { kind: 'string' };
  if (code === 'ptr') return { kind: 'pointer', struct: undefined };
  if (code.startsWith('&')) return { kind: 'pointer', struct: code.slice(1) };
  const match = /^([iu])(8|16|32|64)$/.exec(code);
  if (!match) throw new Error(`a table has the type ${code}`);
  return { kind: 'int', bits: Number(match[2]) as 8 | 16 | 32 | 64, signed: match[1] === 'i' };
}

/** The places of both halves, as the byte order has it. */
export function halves(arg: Argument, bigEndian: boolean): { low: number; high: number | undefined } {
  if (arg.high === undefined || !bigEndian) return arg;
  return { low: arg.high, high: arg.low };
}

/**
 * Whether the kernel may use another value than the filter has seen. On mips, o32, arguments from the fifth on (from
 * the fourth on, if the call is made by way of syscall(2)) lie on the user stack. The kernel copies them at its entry
 * and seccomp reads them anew, so that a thread which writes between the two shows the filter something else.
 */
export const isMutable = (arch: Arch, place: number): boolean =>
  (arch === 'mips' || arch === 'mipsel') && place >= 3;

/** Whether any arch has it. */
export const knownSomewhere = (what: 'syscalls' | 'constants', name: string): boolean =>
  ARCHES.some((arch) => metadataOf(arch)[what].has(name));
