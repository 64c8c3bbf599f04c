import type { Machine } from './machine.ts';
import { malta, maltaQemu } from './malta.ts';

export const mips: Machine = {
  ...malta,
  arch: 'mips',
  debianArch: 'mips',
  gnuTriple: 'mips-linux-gnu',
  elf: { machine: 8, bits: 32, bigEndian: true },
  qemu: { ...maltaQemu, binary: 'qemu-system-mips' },
};
