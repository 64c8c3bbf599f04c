import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** What a kernel tree says of its system calls: entry points with their arguments, and which name has which entry. */

export interface Argument {
  type: string;
  name: string;
}

/** By entry point, such as `sys_openat`; several where the configuration decides. */
export type Prototypes = ReadonlyMap<string, readonly (readonly Argument[])[]>;

const GENERIC = [
  'kernel',
  'fs',
  'mm',
  'net',
  'ipc',
  'io_uring',
  'block',
  'security',
  'drivers/char',
  'drivers/pci',
];

export async function readPrototypes(tree: string, kernelArch: string): Promise<Prototypes> {
  const found = new Map<string, Argument[][]>();
  // What the arch defines itself comes first.
  for (const folder of [`arch/${kernelArch}`, ...GENERIC]) {
    for (const file of await sources(path.join(tree, folder))) {
      const text = await readFile(file, 'utf8');
      for (const [entry, args] of definitions(text)) {
        const same = JSON.stringify(args);
        const known = found.get(entry) ?? [];
        if (!known.some((other) => JSON.stringify(other) === same)) found.set(entry, [...known, args]);
      }
    }
  }
  return found;
}

async function sources(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => entry.isFile() && entry.name.endsWith('.c'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function* definitions(text: string): Generator<[string, Argument[]]> {
  for (const match of text.matchAll(/^SYSCALL_DEFINE[0-6]\s*\(/gm)) {
    const [name, ...rest] = words(balanced(text, match.index + match[0].length));
    if (name === undefined || rest.length % 2 !== 0) continue;
    const args = rest.flatMap((type, at) => (at % 2 === 0 ? [{ type, name: rest[at + 1] ?? '' }] : []));
    yield [`sys_${name}`, args];
  }
  for (const match of text.matchAll(/^asmlinkage (?:long|int|unsigned long) (sys_\w+)\s*\(/gm)) {
    const list = words(balanced(text, match.index + match[0].length));
    const args = list.flatMap((word) => {
      const parts = /^(.*?)(\w+)$/.exec(word);
      return parts?.[1] && parts[2] ? [{ type: parts[1].trim(), name: parts[2] }] : [];
    });
    if (match[1] && (args.length === list.length || list.join() === 'void')) yield [match[1], args];
  }
}

function balanced(text: string, start: number): string {
  let depth = 1;
  let at = start;
  for (; at < text.length && depth > 0; at++) depth += text[at] === '(' ? 1 : text[at] === ')' ? -1 : 0;
  return text.slice(start, at - 1).replace(/\/\*.*?\*\//gs, '');
}

const words = (list: string): string[] =>
  list
    .split(',')
    .map((word) => word.trim().replace(/\s+/g, ' '))
    .filter((word) => word !== '');

const TABLES: Record<string, { file: string; abis: readonly string[] }> = {
  x86: { file: 'arch/x86/entry/syscalls/syscall_64.tbl', abis: ['common', '64'] },
  arm: { file: 'arch/arm/tools/syscall.tbl', abis: ['common', 'eabi'] },
  mips: { file: 'arch/mips/kernel/syscalls/syscall_o32.tbl', abis: ['o32'] },
  // arch/arm64/kernel/Makefile.syscalls
  arm64: { file: 'scripts/syscall.tbl', abis: ['common', '64', 'renameat', 'rlimit', 'memfd_secret'] },
};

/** Entry points by the names of calls. */
export async function readEntries(tree: string, kernelArch: string): Promise<Map<string, string>> {
  const table = TABLES[kernelArch];
  if (!table) throw new Error(`no system call table is known for ${kernelArch}`);
  const lines = (await readFile(path.join(tree, table.file), 'utf8')).split('\n');
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const [number, abi, name, entry] = line.trim().split(/\s+/);
      if (!number || !/^\d+$/.test(number) || !abi || !name || !entry) return [];
      return table.abis.includes(abi) ? [[name, entry]] : [];
    }),
  );
}

/** Whether the arch wants clone's last two arguments the other way round. */
export async function clonesBackwards(tree: string, kernelArch: string): Promise<boolean> {
  const text = await readFile(path.join(tree, 'arch', kernelArch, 'Kconfig'), 'utf8');
  return /^\s*select CLONE_BACKWARDS$/m.test(text);
}
