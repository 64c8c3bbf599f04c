import type { Machine } from './machine.ts';

export const mips: Machine = {
  arch: 'mips',
  debianArch: 'mips',
  gnuTriple: 'mips-linux-gnu',
  kernelArch: 'mips',
  elf: { machine: 8, bits: 32, bigEndian: true },
  qemu: {
    binary: 'qemu-system-mips',
    args: ['-M', 'malta', '-cpu', '24Kf', '-vga', 'none'],
    console: 'ttyS0',
    nic: { device: 'pcnet', modules: ['pcnet32'] },
  },
  memoryMiB: 256,
  sealedShift: 5,
  idleSpins: 'nowait',
  liveCpus: 1,
  // Restored without icount, malta's CP0 timer is quiet until its counter wraps: 19 s were measured.
  liveForks: false,
  bootLimitSeconds: 240,
};
