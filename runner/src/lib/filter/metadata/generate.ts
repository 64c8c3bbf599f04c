import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ARCHES, type Arch } from '../../ids.ts';
import { machines } from '../../machines/index.ts';
import { readHeaders, type StructWish } from './headers.ts';
import { type Argument, clonesBackwards, readEntries, readPrototypes } from './prototypes.ts';
import type { Table } from './types.ts';

/**
 * Makes the tables anew: `npx tsx runner/src/lib/filter/metadata/generate.ts KERNEL_TREE [ARCH…]`. Numbers, constants
 * and layouts come from the installed headers by way of each arch's compiler, names and types of arguments from the
 * SYSCALL_DEFINE lines of a kernel tree.
 */

const TABLES = fileURLToPath(new URL('tables', import.meta.url));

export const AUDIT: Record<Arch, string> = {
  x86_64: 'AUDIT_ARCH_X86_64',
  arm: 'AUDIT_ARCH_ARM',
  mips: 'AUDIT_ARCH_MIPS',
  mipsel: 'AUDIT_ARCH_MIPSEL',
  arm64: 'AUDIT_ARCH_AARCH64',
};

/** Structures whose members can be ruled, all of them made of integers. */
export const STRUCTS: readonly StructWish[] = [
  { header: 'linux/openat2.h', name: 'open_how', members: ['flags', 'mode', 'resolve'] },
  {
    header: 'linux/sched.h',
    name: 'clone_args',
    members: [
      'flags',
      'pidfd',
      'child_tid',
      'parent_tid',
      'exit_signal',
      'stack',
      'stack_size',
      'tls',
      'cgroup',
    ],
  },
];

/** Entry points in assembly, which pass their arguments on to these. */
const ASSEMBLY: Record<string, string> = {
  sys_mmap2: 'sys_mmap_pgoff',
  sys_statfs64_wrapper: 'sys_statfs64',
  sys_fstatfs64_wrapper: 'sys_fstatfs64',
  __sys_fork: 'sys_fork',
  __sys_clone: 'sys_clone',
  __sys_clone3: 'sys_clone3',
  sys_fork_wrapper: 'sys_fork',
  sys_clone_wrapper: 'sys_clone',
};

export async function tableOf(arch: Arch, tree: string): Promise<Table> {
  const machine = machines[arch];
  const kernelArch = machine.kernelArch === 'x86_64' ? 'x86' : machine.kernelArch;
  const facts = await readHeaders(`${machine.gnuTriple}-gcc`, AUDIT[arch], STRUCTS);
  const prototypes = await readPrototypes(tree, kernelArch);
  const entries = await readEntries(tree, kernelArch);
  const backwards = await clonesBackwards(tree, kernelArch);
  const syscalls: Table['syscalls'] = {};
  const undescribed: string[] = [];
  for (const [name, number] of [...facts.numbers].sort((a, b) => a[1] - b[1])) {
    const entry = entries.get(name) ?? `sys_${name}`;
    const known = prototypes.get(ASSEMBLY[entry] ?? entry);
    // Of clone there are four; the one for CLONE_BACKWARDS stands first and the plain one last.
    const args = name === 'clone' && !backwards ? known?.at(-1) : known?.[0];
    if (!args) undescribed.push(name);
    syscalls[name] = [
      number,
      ...(args ?? []).map((arg, at, all) => describe(arg, all[at + 1], machine.elf.bits)),
    ];
  }
  const version = await versionOf(tree);
  const code = facts.constants.size;
  if (code < 500) throw new Error(`only ${code} constants were found for ${arch}`);
  return {
    arch,
    from: { numbers: await headerVersion(`${machine.gnuTriple}-gcc`), prototypes: `Linux ${version}` },
    audit: facts.audit,
    bits: machine.elf.bits,
    bigEndian: machine.elf.bigEndian,
    syscalls,
    undescribed,
    constants: Object.fromEntries([...facts.constants].sort(([a], [b]) => (a < b ? -1 : 1))),
    structs: Object.fromEntries(
      STRUCTS.map(({ name, members }) => [
        name,
        {
          size: facts.sizes.get(name) ?? 0,
          members: Object.fromEntries(
            members.map((member) => {
              const get = (part: string): number => facts.sizes.get(`${name}.${member}${part}`) ?? 0;
              return [member, [get(''), get('.size'), get('.signed') ? 1 : 0]];
            }),
          ),
        },
      ]),
    ),
  };
}

const FIXED: Record<string, string> = {
  ...{
    int: 'i32',
    s32: 'i32',
    __s32: 'i32',
    pid_t: 'i32',
    key_serial_t: 'i32',
    mqd_t: 'i32',
    timer_t: 'i32',
  },
  ...{ clockid_t: 'i32', rwf_t: 'i32', key_t: 'i32' },
  ...{
    'unsigned int': 'u32',
    unsigned: 'u32',
    u32: 'u32',
    __u32: 'u32',
    uint32_t: 'u32',
    uid_t: 'u32',
    gid_t: 'u32',
  },
  ...{ qid_t: 'u32', umode_t: 'u16', old_uid_t: 'u16' },
  ...{
    old_gid_t: 'u16',
    'unsigned char': 'u8',
    u8: 'u8',
    loff_t: 'i64',
    u64: 'u64',
    __u64: 'u64',
    off64_t: 'i64',
  },
};
const WORD_SIZED: Record<string, 'i' | 'u'> = {
  ...{ long: 'i', off_t: 'i', ssize_t: 'i' },
  ...{ 'unsigned long': 'u', size_t: 'u', aio_context_t: 'u', old_sigset_t: 'u' },
};

/** `name:type`. A string is what has no size of its own behind it, as every buffer has. */
function describe({ type, name }: Argument, next: Argument | undefined, bits: 32 | 64): string {
  const plain = type
    .replace(/\b(__user|__force)\b|^const (?=\w+$|(?:un)?signed \w+$)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const word = WORD_SIZED[plain];
  if (word) return `${name}:${word}${bits}`;
  const fixed = FIXED[plain];
  if (fixed) return `${name}:${fixed}`;
  const enumeration = /^(const )?enum \w+$/.test(plain);
  if (enumeration) return `${name}:u32`;
  if (/^const char ?\*$/.test(plain) || (/^char ?\*$/.test(plain) && /name$/.test(name))) {
    const sized = next && /^(size_t|int|unsigned int|unsigned long)$/.test(next.type);
    return sized && /len|count|size|nbytes/.test(next.name) ? `${name}:ptr` : `${name}:str`;
  }
  const struct = /^(?:const )?struct (\w+) ?\*$/.exec(plain)?.[1];
  if (struct) return `${name}:&${struct}`;
  if (/\*|_t$|_handler/.test(plain)) return `${name}:ptr`;
  throw new Error(`the type of ${name} is not known: ${plain}`);
}

async function versionOf(tree: string): Promise<string> {
  const text = await readFile(path.join(tree, 'Makefile'), 'utf8');
  const part = (name: string): string => new RegExp(`^${name} = (\\d+)$`, 'm').exec(text)?.[1] ?? '0';
  return `${part('VERSION')}.${part('PATCHLEVEL')}.${part('SUBLEVEL')}`;
}

async function headerVersion(compiler: string): Promise<string> {
  const { execa } = await import('execa');
  const input = '#include <linux/version.h>\nLINUX_VERSION_CODE\n';
  const { stdout } = await execa(compiler, ['-E', '-P', '-x', 'c', '-'], { input });
  const code = Number(stdout.trim().split('\n').at(-1));
  return `kernel headers ${code >> 16}.${(code >> 8) & 255}.${code & 255}`;
}

/** One line for each call, so that a change is seen as one. */
export function formatTable(table: Table): string {
  const { syscalls, constants, structs, ...head } = table;
  const lines = (record: Record<string, unknown>): string =>
    Object.entries(record)
      .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(',\n');
  const start = JSON.stringify(head, null, 1).replace(/\n\}$/, '');
  return `${start},\n "structs": ${JSON.stringify(structs)},\n "syscalls": {\n${lines(syscalls)}\n },\n "constants": {\n${lines(constants)}\n }\n}\n`;
}

async function main(tree: string | undefined, arches: readonly string[]): Promise<void> {
  if (!tree) throw new Error('say which kernel tree to read');
  for (const arch of ARCHES.filter((name) => arches.length === 0 || arches.includes(name))) {
    const table = await tableOf(arch, tree);
    await writeFile(path.join(TABLES, `${arch}.json`), formatTable(table));
    const counts = `${Object.keys(table.syscalls).length} calls, ${Object.keys(table.constants).length} constants`;
    process.stdout.write(`${arch}: ${counts}; undescribed: ${table.undescribed.join(' ')}\n`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2], process.argv.slice(3));
