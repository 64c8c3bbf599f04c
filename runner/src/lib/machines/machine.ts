import type { Arch } from '../ids.ts';

/**
 * All that differs between arches on the host's side, one table per arch in this folder. Only the Debian packages
 * of the tools are elsewhere: runner/setup/packages.json, which is read before any TypeScript can be.
 */
export interface Machine {
  arch: Arch;
  /** Debian's name of the arch: `armhf`. */
  debianArch: string;
  /** Cross toolchain prefix, without the dash: `arm-linux-gnueabihf`. */
  gnuTriple: string;
  /** `ARCH=` of the kernel's own makefiles. */
  kernelArch: string;
  /** e_machine, EI_CLASS and EI_DATA of every binary for this arch (elf(5)). */
  elf: { machine: number; bits: 32 | 64; bigEndian: boolean };
  qemu: {
    binary: string;
    /** Machine, CPU and what else is always given. */
    args: readonly string[];
    /** Kernel console device. */
    console: string;
    /** NIC model for the shell's guest, with the modules it needs; dependencies are resolved. */
    nic: { device: string; modules: readonly string[] };
  };
  /** A debugger that knows the arch, and its own name of it. */
  gdb: { program: 'gdb' | 'gdb-multiarch'; architecture: string };
  /** Guest memory; a checkpoint is about a quarter of it. */
  memoryMiB: number;
  /** The most that its kernels take without high memory, for guests that bring files along. */
  memoryMostMiB: number;
  /** `-icount shift=`: 2^shift ns of virtual time per instruction. Chosen by how often the control lanes are breached. */
  sealedShift: number;
  /**
   * The kernel parameter by which an idle vCPU spins instead of halting (Documentation/admin-guide/kernel-parameters.txt):
   * a halted one lets QEMU's two threads race for the clock (docs/decisions/0004).
   */
  idleSpins: 'idle=poll' | 'nohlt' | 'nowait';
  /** Whether QEMU migrates all of a CPU; of a mips CPU it does not (guest/mips-migration.ts). */
  migratesWhole: boolean;
  /**
   * QEMU's names of memory that a machine has beside the guest's and that is zero from the start, where there is much of it: a
   * fork is not told what it knows.
   */
  emptyMemory: readonly string[];
  /** vCPUs of a live guest; 1 where the machine has no more. */
  liveCpus: number;
  /** Wall seconds until a guest that has not said READY is given up. */
  bootLimitSeconds: number;
}
