import type { Arch } from '../../ids.ts';

/** What a generated table says of an arch; facts of its kernel interface and nothing else. */
export interface Table {
  arch: Arch;
  /** Where the facts come from. */
  from: { numbers: string; prototypes: string };
  /** AUDIT_ARCH_… of the one ABI that is served. */
  audit: number;
  bits: 32 | 64;
  bigEndian: boolean;
  /** Number, then `name:type` of each argument; see typeOf in index.ts. */
  syscalls: Record<string, [number, ...string[]]>;
  /** Those whose prototype is not known: they can be ruled, but not by their arguments. */
  undescribed: string[];
  constants: Record<string, number>;
  /** Per struct its size, and of each member offset, size and whether it is signed (1). */
  structs: Record<string, { size: number; members: Record<string, [number, number, 0 | 1]> }>;
}
