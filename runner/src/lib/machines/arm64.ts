import type { Machine } from './machine.ts';

export const arm64: Machine = {
  arch: 'arm64',
  debianArch: 'arm64',
  gnuTriple: 'aarch64-linux-gnu',
  kernelArch: 'arm64',
  elf: { machine: 183, bits: 64, bigEndian: false },
  qemu: {
    binary: 'qemu-system-aarch64',
    args: ['-M', 'virt,gic-version=3', '-cpu', 'cortex-a57'],
    console: 'ttyAMA0',
    nic: { device: 'virtio-net-pci', modules: ['virtio_net', 'virtio_pci'] },
  },
  gdb: { program: 'gdb-multiarch', architecture: 'aarch64' },
  memoryMiB: 256,
  memoryMostMiB: 4096,
  sealedShift: 4,
  idleSpins: 'nohlt',
  migratesWhole: true,
  // Two flash chips of 64 MiB without a drive (create_virt_flash() in hw/arm/virt.c of QEMU).
  emptyMemory: ['virt.flash0', 'virt.flash1'],
  liveCpus: 2,
  bootLimitSeconds: 150,
};
