import type { Machine } from './machine.ts';
import { malta, maltaQemu } from './malta.ts';

export const mipsel: Machine = {
  ...malta,
  arch: 'mipsel',
  debianArch: 'mipsel',
  gnuTriple: 'mipsel-linux-gnu',
  elf: { machine: 8, bits: 32, bigEndian: false },
  qemu: { ...maltaQemu, binary: 'qemu-system-mipsel' },
};
