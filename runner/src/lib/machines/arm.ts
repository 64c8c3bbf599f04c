import type { Machine } from './machine.ts';

export const arm: Machine = {
  arch: 'arm',
  debianArch: 'armhf',
  gnuTriple: 'arm-linux-gnueabihf',
  kernelArch: 'arm',
  elf: { machine: 40, bits: 32, bigEndian: false },
  qemu: {
    binary: 'qemu-system-arm',
    args: ['-M', 'virt,highmem=off', '-cpu', 'cortex-a15'],
    console: 'ttyAMA0',
    nic: { device: 'virtio-net-device', modules: ['virtio_net', 'virtio_mmio'] },
  },
  gdb: { program: 'gdb-multiarch', architecture: 'arm' },
  memoryMiB: 256,
  memoryMostMiB: 640,
  sealedShift: 5,
  idleSpins: 'nohlt',
  migratesWhole: true,
  // Two flash chips of 64 MiB without a drive (create_virt_flash() in hw/arm/virt.c of QEMU).
  emptyMemory: ['virt.flash0', 'virt.flash1'],
  liveCpus: 2,
  bootLimitSeconds: 150,
};
