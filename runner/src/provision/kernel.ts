import type { CacheInputs } from '../lib/cache.ts';
import type { ImageFile } from './initramfs.ts';
import type { Compiler } from './toolchain.ts';

/** A kernel as the rest of provisioning sees it, wherever it came from. */
export interface Kernel {
  /** uname -r */
  release: string;
  /** Where it came from, for reports: `package 6.1.170-1`, `release 6.13`, `local tree 6.13.7 (sha256:…)`. */
  origin: string;
  /** What everything that is built against it is keyed by. */
  inputs: CacheInputs;
  /** What it, and so its modules, are compiled with. */
  compiler: Compiler;
  /** Guest memory, where it needs less than the machine gives. */
  memoryMiB?: number | undefined;
  /** Words that are added to its command line. */
  parameters?: readonly string[];
  /** The symbols of its image, address by address. */
  systemMap?: string;
  /** How many times the usual time its guests may take. */
  slowness?: number;
  image(): Promise<KernelImage>;
  moduleTree(): Promise<ModuleTree>;
  /** The drivers of the machine's network card that are not in the image, and the list that says how to load them. */
  nicModules(): Promise<ImageFile[]>;
}

export interface KernelImage {
  file: string;
  sha256: string;
}

/** What out-of-tree modules are built in: `make -C dir …words M=… modules`. */
export interface ModuleTree {
  dir: string;
  words: readonly string[];
}

/** Variables for make; of one that is given more than once, all values count, in their order. */
export function mergeWords(words: readonly string[]): string[] {
  const values = new Map<string, string[]>();
  for (const word of words) {
    const at = word.indexOf('=');
    const name = word.slice(0, at);
    values.set(name, [...(values.get(name) ?? []), word.slice(at + 1)]);
  }
  return [...values].map(([name, all]) => `${name}=${all.filter((value) => value !== '').join(' ')}`);
}
