import type { Machine } from './machine.ts';

export const x86_64: Machine = {
  arch: 'x86_64',
  debianArch: 'amd64',
  gnuTriple: 'x86_64-linux-gnu',
  kernelArch: 'x86_64',
  elf: { machine: 62, bits: 64, bigEndian: false },
  qemu: {
    binary: 'qemu-system-x86_64',
    args: ['-M', 'q35', '-cpu', 'qemu64', '-vga', 'none'],
    console: 'ttyS0',
    nic: { device: 'virtio-net-pci', modules: ['virtio_net', 'virtio_pci'] },
  },
  gdb: { program: 'gdb', architecture: 'i386:x86-64' },
  memoryMiB: 256,
  memoryMostMiB: 4096,
  sealedShift: 3,
  idleSpins: 'idle=poll',
  migratesWhole: true,
  emptyMemory: [],
  liveCpus: 2,
  bootLimitSeconds: 120,
};
