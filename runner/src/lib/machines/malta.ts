import type { Machine } from './machine.ts';

/** What both byte orders of QEMU's malta have in common. */
export const malta = {
  kernelArch: 'mips',
  gdb: { program: 'gdb-multiarch', architecture: 'mips:isa32r2' },
  memoryMiB: 256,
  memoryMostMiB: 256,
  sealedShift: 5,
  idleSpins: 'nowait',
  migratesWhole: false,
  emptyMemory: [],
  liveCpus: 1,
  bootLimitSeconds: 240,
} as const satisfies Partial<Machine>;

export const maltaQemu = {
  args: ['-M', 'malta', '-cpu', '24Kf', '-vga', 'none'],
  console: 'ttyS0',
  nic: { device: 'pcnet', modules: ['pcnet32'] },
} as const satisfies Partial<Machine['qemu']>;
