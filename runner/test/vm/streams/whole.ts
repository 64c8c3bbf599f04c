import type { Sometimes, Streams } from './streams.ts';

/** What must be true of the streams of one kernel, whatever another one tells. */

/** Lines of the work, by task, as attack.c does it; of kinds that not every kernel has, by kind. On mips SIGUSR1 is 16, and a stream is 2; _llseek(2) of 32-bit arches has a number alone. */
const ALWAYS: Readonly<Record<string, readonly RegExp[]>> = {
  main: [
    /^call mkdirat\(dfd -100, mode 448\)$|^call mkdir\(mode 448\)$/,
    /^return lseek\(.*\) = EINVAL$|^return number 4?140 = EINVAL$/,
    /^return close\(fd 99\) = EBADF$/,
    /^signal 1[06] code 0$/,
    /^signal 1[06] code -6$/,
    /^fork main\/child-1$/,
    /^fork main\/child-10$/,
    /^return socket\(family 99, type \d+, protocol 0\) = EAFNOSUPPORT$/,
    /^exit 0 leads$/,
  ],
  'main/child-1': [/^exec \/bin\/witness 1 \["name"\]$/, /^exit 512 leads$/],
  'main/child-2': [/^exec \/tmp\/streams\/script 2 \["\/bin\/witness","\/tmp\/streams\/script"\]$/],
  'main/child-3': [/^return execve\(.*\) = ENOENT$/, /^exit 2304 leads$/],
  'main/child-6': [/^exit 768 leads$/],
  'main/child-7': [/^call kill\(pid main\/child-7, sig 9\)$/, /^exit 9 leads$/],
  'main/child-8': [/^signal 11 code -6$/, /^exit 139 leads$|^exit 11 leads$/],
  'main/child-10': [/^fork main\/child-10\/child-1$/, /^exit 768 leads$/],
  'main/child-10/child-1': [/^exit 1024 leads$/],
  'main/thread-1': [/^return close\(fd 98\) = EBADF$/, /^exit 0$/],
};
const SOMETIMES: Readonly<Record<Sometimes, readonly (readonly [count: number, line: RegExp])[]>> = {
  open: [[2, /^open \/tmp\/streams\/script flags \d+ mode 33216$/]],
  bind: [[2, /^bind 1 [12] 0 "streams"$/]],
  connect: [[2, /^connect 1 [12] 0 "streams"$/]],
  release: [
    [3, /^release 1 [12] 0$/],
    [2, /^release 1 5 0$/],
  ],
  unanswered: [[1, /^unanswered 20560 mode 33216$/]],
};

/** What is missing of the work, and of each call its one end, of each child its one. Nothing, if all was told. */
export function missingIn(streams: Streams, kinds: readonly Sometimes[]): string[] {
  return [
    ...Object.entries(ALWAYS).flatMap(([task, lines]) =>
      lines
        .filter((line) => !streams.get(task)?.some((told) => line.test(told)))
        .map((line) => `${task}: no ${line}`),
    ),
    ...kinds.flatMap((kind) =>
      SOMETIMES[kind].flatMap(([count, line]) => {
        const told = (streams.get('main') ?? []).filter((one) => line.test(one)).length;
        return told === count ? [] : [`main: ${told} of ${count} ${line}`];
      }),
    ),
    ...[...streams].flatMap(([task, lines]) => brokenIn(lines).map((fault) => `${task}: ${fault}`)),
    ...[...streams.values()].flatMap((lines) =>
      lines.flatMap((line) => {
        const child = /^fork (.*)$/.exec(line)?.[1];
        return child === undefined || streams.has(child) ? [] : [`${child}: nothing`];
      }),
    ),
  ];
}

const ENDS = /^exit(?:_group)?$/;
/** The low bits of a status, as wait(2) has it. */
const SIGNAL_BITS = 0x7f;

function brokenIn(lines: readonly string[]): string[] {
  const faults: string[] = [];
  let open: string | undefined;
  let begun = false;
  lines.forEach((line, index) => {
    const [, what, name] = /^(call|return) (\w+)/.exec(line) ?? [];
    if (what === 'call') {
      if (open !== undefined) faults.push(`${open} has no end before ${line}`);
      open = name;
      begun = true;
    } else if (what === 'return') {
      // The first is that of the call by which the task, or its program, came to be.
      if (name !== open && begun) faults.push(`${line} ends ${open ?? 'nothing'}`);
      open = undefined;
      begun = true;
    }
    const status = /^exit (\d+)/.exec(line)?.[1];
    if (status === undefined) return;
    if (index !== lines.length - 1) faults.push(`goes on behind ${line}`);
    const killed = (Number(status) & SIGNAL_BITS) !== 0;
    if (open !== undefined && !ENDS.test(open) && !killed) faults.push(`${open} has no end before ${line}`);
  });
  if (!lines.at(-1)?.startsWith('exit ')) faults.push('has no end');
  return faults;
}
