/** Classic BPF as seccomp takes it: struct sock_filter, the kernel's checks, and an interpreter for reference. */

export interface Instruction {
  code: number;
  jt: number;
  jf: number;
  k: number;
}

/** BPF_MAXINSNS */
export const MOST_INSTRUCTIONS = 4096;

export const OP = {
  loadAbsolute: 0x20,
  jump: 0x05,
  jumpEqual: 0x15,
  jumpGreater: 0x25,
  jumpGreaterEqual: 0x35,
  jumpSet: 0x45,
  and: 0x54,
  xor: 0xa4,
  return: 0x06,
} as const;

export const RET = {
  killProcess: 0x8000_0000,
  killThread: 0,
  errno: 0x0005_0000,
  /** In an image: the warden decides. It is SECCOMP_RET_USER_NOTIF, and SECCOMP_RET_TRACE where that is asked by. */
  ask: 0x7fc0_0000,
  allow: 0x7fff_0000,
} as const;

/** struct seccomp_data as a guest of this byte order has it. */
export interface SeccompData {
  number: number;
  arch: number;
  instructionPointer?: bigint;
  args: readonly bigint[];
}

const DATA_BYTES = 64;
export const OFFSET = { number: 0, arch: 4, args: 16 } as const;

export function encodeData(data: SeccompData, bigEndian: boolean): DataView {
  const view = new DataView(new ArrayBuffer(DATA_BYTES));
  const little = !bigEndian;
  view.setInt32(OFFSET.number, data.number, little);
  view.setUint32(OFFSET.arch, data.arch, little);
  view.setBigUint64(8, BigInt.asUintN(64, data.instructionPointer ?? 0n), little);
  for (let at = 0; at < 6; at++)
    view.setBigUint64(OFFSET.args + at * 8, BigInt.asUintN(64, data.args[at] ?? 0n), little);
  return view;
}

/**
 * What is wrong with a program, as seccomp_check_filter() and bpf_check_classic() see it, or with other limits the hook
 * module; undefined when it loads.
 */
export function complaintAbout(
  program: readonly Instruction[],
  { most, dataBytes } = { most: MOST_INSTRUCTIONS, dataBytes: DATA_BYTES },
): string | undefined {
  if (program.length === 0 || program.length > most) return `${program.length} instructions`;
  for (const [at, { code, jt, jf, k }] of program.entries()) {
    const left = program.length - at - 1;
    const whole =
      [jt, jf].every((jump) => Number.isInteger(jump) && jump >= 0 && jump <= 255) && k >>> 0 === k;
    if (!whole) return `instruction ${at} does not fit its fields`;
    if (code === OP.loadAbsolute && (k >= dataBytes || k % 4 !== 0))
      return `instruction ${at} loads from ${k}`;
    if (code === OP.jump && k >= left) return `instruction ${at} jumps out`;
    if (isConditional(code) && (jt >= left || jf >= left)) return `instruction ${at} jumps out`;
    if (!KNOWN.has(code)) return `instruction ${at} is 0x${code.toString(16)}`;
  }
  return program.at(-1)?.code === OP.return ? undefined : 'the last instruction is no return';
}

const KNOWN = new Set<number>(Object.values(OP));
const isConditional = (code: number): boolean =>
  code === OP.jumpEqual || code === OP.jumpGreater || code === OP.jumpGreaterEqual || code === OP.jumpSet;

/** What a program returns for a call. */
export function interpret(program: readonly Instruction[], data: DataView, bigEndian: boolean): number {
  let a = 0;
  for (let at = 0; at < program.length; at++) {
    const instruction = program[at];
    if (!instruction) break;
    const { code, jt, jf, k } = instruction;
    if (code === OP.return) return k;
    if (code === OP.loadAbsolute) a = data.getUint32(k, !bigEndian);
    else if (code === OP.and) a = (a & k) >>> 0;
    else if (code === OP.xor) a = (a ^ k) >>> 0;
    else if (code === OP.jump) at += k;
    else at += holds(code, a, k) ? jt : jf;
  }
  throw new Error('the program ran out of instructions');
}

function holds(code: number, a: number, k: number): boolean {
  switch (code) {
    case OP.jumpEqual:
      return a === k;
    case OP.jumpGreater:
      return a > k;
    case OP.jumpGreaterEqual:
      return a >= k;
    case OP.jumpSet:
      return (a & k) !== 0;
    default:
      throw new Error(`no instruction is 0x${code.toString(16)}`);
  }
}
