import { execa } from 'execa';

/** What the installed headers of an arch say, asked of its compiler. */

const KERNEL_HEADERS = [
  ...[
    'fcntl',
    'stat',
    'sched',
    'mman',
    'openat2',
    'prctl',
    'seccomp',
    'ptrace',
    'mount',
    'fs',
    'futex',
    'memfd',
  ],
  ...['random', 'keyctl', 'bpf', 'perf_event', 'io_uring', 'eventpoll', 'inotify', 'fanotify', 'capability'],
  ...['resource', 'membarrier', 'close_range', 'userfaultfd', 'landlock', 'time', 'errno', 'audit', 'signal'],
  ...['reboot', 'kexec', 'net', 'personality', 'xattr', 'wait', 'shm', 'ioprio'],
].map((name) => `linux/${name}.h`);
const MORE_KERNEL_HEADERS = ['asm/ioctls.h', 'asm/unistd.h'];
const LIBRARY_HEADERS = ['sys/socket.h', 'netinet/in.h', 'netinet/tcp.h', 'linux/netlink.h', 'linux/sched.h'];

/** The families of constants that arguments of system calls are made of. */
const WANTED = new RegExp(
  `^(?:${[
    ...[
      'O',
      'AT',
      'S',
      'RESOLVE',
      'F',
      'FD',
      'CLONE',
      'PROT',
      'MAP',
      'MADV',
      'MREMAP',
      'MS',
      'MCL',
      'MFD',
      'GRND',
    ],
    ...[
      'PR',
      'PTRACE',
      'SECCOMP',
      'FUTEX',
      'MNT',
      'UMOUNT',
      'LOCK',
      'SEEK',
      'CAP',
      'KEYCTL',
      'RLIMIT',
      'PRIO',
    ],
    ...[
      'SCHED',
      'STATX',
      'RENAME',
      'EPOLL',
      'IN',
      'FAN',
      'FALLOC',
      'CLOSE_RANGE',
      'UFFD',
      'LANDLOCK',
      'XATTR',
    ],
    ...[
      'AF',
      'PF',
      'SOCK',
      'MSG',
      'SOL',
      'SO',
      'IPPROTO',
      'SHUT',
      'TCP',
      'NETLINK',
      'CLOCK',
      'TIMER',
      'ITIMER',
    ],
    ...[
      'IORING_SETUP',
      'PERF_FLAG',
      'BPF_PROG_TYPE',
      'IPC',
      'SHM',
      'LINUX_REBOOT',
      'KEXEC',
      'MOVE_MOUNT',
      'OPEN_TREE',
    ],
    ...['FSOPEN', 'FSMOUNT', 'MOUNT_ATTR', 'SIG', 'ADDR', 'PER', 'IOPRIO', 'MEMBARRIER', 'RWF'],
  ].join('|')})_[A-Z0-9_]+$|^(?:E|SIG|TIOC|FIO)[A-Z0-9]+$`,
);

/** Where an arch's own numbers begin, and how many there are. */
const NO_CALLS = new Set(['__NR_syscalls', '__NR_arch_specific_syscall']);

export interface StructWish {
  header: string;
  name: string;
  members: readonly string[];
}

export interface Facts {
  numbers: Map<string, number>;
  constants: Map<string, number>;
  sizes: Map<string, number>;
  audit: number;
}

export async function readHeaders(
  compiler: string,
  auditName: string,
  structs: readonly StructWish[],
): Promise<Facts> {
  const kernel = await there(compiler, [...KERNEL_HEADERS, ...MORE_KERNEL_HEADERS]);
  const names = (await macros(compiler, kernel)).filter(
    (name) => /^__NR_[a-z]/.test(name) && !NO_CALLS.has(name),
  );
  const wanted = (await macros(compiler, kernel)).filter((name) => WANTED.test(name));
  const library = (await macros(compiler, LIBRARY_HEADERS)).filter((name) => WANTED.test(name));
  const numbers = await evaluate(compiler, kernel, names);
  const own = await evaluate(compiler, kernel, wanted);
  // The C library hides O_LARGEFILE and the like from itself: the kernel's word comes first.
  const others = await evaluate(compiler, LIBRARY_HEADERS, library);
  const sizes = await layouts(compiler, structs);
  const audit = (await evaluate(compiler, ['linux/audit.h', 'linux/elf-em.h'], [auditName])).get(auditName);
  if (audit === undefined) throw new Error(`${auditName} is not in linux/audit.h`);
  return {
    numbers: new Map([...numbers].map(([name, value]) => [name.slice('__NR_'.length), value])),
    constants: new Map([...others, ...own]),
    sizes,
    audit: audit >>> 0,
  };
}

const includes = (headers: readonly string[]): string =>
  headers.map((header) => `#include <${header}>\n`).join('');

const compile = (compiler: string, source: string, flags: readonly string[]) =>
  execa(compiler, ['-D_GNU_SOURCE', '-w', '-x', 'c', ...flags, '-o', '-', '-'], {
    input: source,
    reject: false,
  });

/** Older headers lack some. */
async function there(compiler: string, headers: readonly string[]): Promise<string[]> {
  const list = headers.map((header) => `#if __has_include(<${header}>)\nhere "${header}"\n#endif\n`).join('');
  const { stdout } = await compile(compiler, list, ['-E', '-P']);
  return [...stdout.matchAll(/^here "(\S+)"$/gm)].flatMap((match) => match[1] ?? []);
}

async function macros(compiler: string, headers: readonly string[]): Promise<string[]> {
  const { stdout, exitCode, stderr } = await compile(compiler, includes(headers), ['-dM', '-E']);
  if (exitCode !== 0) throw new Error(`${compiler}: ${stderr}`);
  return [...stdout.matchAll(/^#define (\w+) \S/gm)].flatMap((match) => match[1] ?? []).sort();
}

/** The values of constant expressions, as a header in a folder of ours has them; those that are none are left out. */
export const constantsOf = (
  compiler: string,
  { folder, header }: { folder: string; header: string },
  expressions: readonly string[],
): Promise<Map<string, number>> => evaluate(compiler, [header], expressions, [`-I${folder}`]);

/** The values of names; those that are no integer constants are left out, as the compiler says. */
async function evaluate(
  compiler: string,
  headers: readonly string[],
  names: readonly string[],
  flags: readonly string[] = [],
): Promise<Map<string, number>> {
  const { kept, text } = await compilable(compiler, headers, names, flags);
  const halves = new Map<string, number>();
  // Immediate operands are printed with a mark that differs between arches.
  for (const [, half, index, value] of text.matchAll(/->(low|high) (\d+) [$#]?(-?\d+)/g)) {
    halves.set(`${half}${index}`, Number(value) >>> 0);
  }
  return new Map(
    kept.map((name, index) => {
      const low = halves.get(`low${index}`);
      const high = halves.get(`high${index}`);
      if (low === undefined || high === undefined) throw new Error(`${compiler} says nothing of ${name}`);
      return [name, Number(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)))];
    }),
  );
}

async function compilable(
  compiler: string,
  headers: readonly string[],
  names: readonly string[],
  flags: readonly string[],
) {
  let kept = [...names];
  for (let round = 0; round < 20; round++) {
    const preamble = `${includes(headers)}void f(void) {\n`;
    const first = preamble.split('\n').length;
    const lines = kept.map(
      (name, at) =>
        `asm volatile("->low ${at} %0" : : "i"((int)(${name}))); asm volatile("->high ${at} %0" : : "i"((int)((long long)(${name}) >> 32)));`,
    );
    const done = await compile(compiler, `${preamble}${lines.join('\n')}\n}\n`, [
      '-O1',
      '-S',
      '-fmax-errors=0',
      ...flags,
    ]);
    if (done.exitCode === 0) return { kept, text: done.stdout };
    const bad = new Set(
      [...done.stderr.matchAll(/<stdin>:(\d+):\d+: (?:fatal )?error/g)].map(
        (match) => Number(match[1]) - first,
      ),
    );
    if (bad.size === 0) throw new Error(`${compiler}: ${done.stderr.slice(0, 2000)}`);
    kept = kept.filter((_, at) => !bad.has(at));
  }
  throw new Error(`${compiler} does not come to an end with the constants`);
}

/** `struct.member` to offset, `struct.member.size`, `struct.member.signed` and `struct` to its size. */
async function layouts(compiler: string, structs: readonly StructWish[]): Promise<Map<string, number>> {
  const all = new Map<string, number>();
  for (const { header, name, members } of structs) {
    const words = [
      `(sizeof(struct ${name}))`,
      ...members.flatMap((member) => [
        `(__builtin_offsetof(struct ${name}, ${member}))`,
        `(sizeof(((struct ${name} *)0)->${member}))`,
        `((__typeof__(((struct ${name} *)0)->${member}))-1 < 0)`,
      ]),
    ];
    const values = [...(await evaluate(compiler, [header], words)).values()];
    if (values.length !== words.length) throw new Error(`${compiler}: struct ${name} is not as expected`);
    all.set(name, values[0] ?? 0);
    members.forEach((member, at) => {
      for (const [part, word] of ['', '.size', '.signed'].entries())
        all.set(`${name}.${member}${word}`, values[1 + at * 3 + part] ?? 0);
    });
  }
  return all;
}
