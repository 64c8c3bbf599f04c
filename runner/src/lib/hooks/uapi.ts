import type { Instruction } from '../filter/bpf.ts';

/**
 * native/hooks/photofinish_uapi.h as far as the runner writes it. A test compares it with what compilers say of that
 * header.
 */

export const UAPI = {
  PF_VERSION: 3,
  ...{ PF_CALL: 1, PF_RETURN: 2, PF_EXEC: 3, PF_FORK: 4, PF_EXIT: 5, PF_SIGNAL: 6 },
  ...{ PF_OPEN: 7, PF_BIND: 8, PF_CONNECT: 9, PF_RELEASE: 10, PF_UNANSWERED: 11 },
  ...{ PF_RECORD: 1, PF_SCOPED: 2, PF_SCOPE_KEPT: 4, PF_SCOPE_LATER: 8, PF_SCOPE_HELPERS: 16 },
  ...{ PF_DO_NOTHING: 0, PF_DO_FAIL: 1, PF_DO_SET_ARGUMENT: 2, PF_DO_SET_RESULT: 3 },
  ...{ PF_DO_HOLD: 4, PF_DO_YIELD: 5, PF_DO_NICE: 6, PF_HOLD_MOST: 1_000_000_000 },
  ...{ PF_PARAMETER_SIGNED: 1, PF_PARAMETER_PAIR: 2 },
  ...{ PF_PARAMETERS_MOST: 6, PF_PLACES: 8, PF_PROGRAM_MOST: 512 },
} as const;

/** struct pf_hook. */
export const HOOK_BYTES = 104;
export const HOOK_OFFSETS = {
  ...{ version: 0, kind: 4, flags: 8, priority: 12, abi: 16, number: 20, comm: 24, parameters: 40 },
  ...{ deed: 64, index: 68, value: 72, length: 80, one_in: 84, seed: 88, program: 96 },
} as const;
export const COMM_BYTES = 16;

/** struct pf_parameter. */
export const PARAMETER_BYTES = 4;
export const PARAMETER_OFFSETS = { place: 0, bytes: 1, flags: 2 } as const;

/** struct pf_view: what a hook's program looks at. */
export const VIEW_BYTES = 88;
/** struct sock_filter. */
const INSTRUCTION_BYTES = 8;

/** How a declared argument lies in the registers of a call. */
export interface Parameter {
  place: number;
  bytes: number;
  flags: number;
}

export interface BinaryHook {
  kind: number;
  flags: number;
  priority: number;
  abi: number;
  number: number;
  comm: string;
  parameters: readonly Parameter[];
  deed: number;
  index: number;
  value: bigint;
  oneIn: number;
  /** Undefined: that of the schedule. */
  seed: bigint | undefined;
  program: readonly Instruction[];
}

/** The struct in a guest's byte order, and its program behind it, whose address the agent puts in. */
export function encodeHook(hook: BinaryHook, bigEndian: boolean, scheduleSeed: bigint): Uint8Array {
  const bytes = new Uint8Array(HOOK_BYTES + hook.program.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  const little = !bigEndian;
  const at = HOOK_OFFSETS;
  view.setUint32(at.version, UAPI.PF_VERSION, little);
  view.setUint32(at.kind, hook.kind, little);
  view.setUint32(at.flags, hook.flags, little);
  view.setInt32(at.priority, hook.priority, little);
  view.setUint32(at.abi, hook.abi, little);
  view.setInt32(at.number, hook.number, little);
  bytes.set(Buffer.from(hook.comm, 'latin1'), at.comm);
  for (const [index, { place, bytes: wide, flags }] of hook.parameters.entries()) {
    const start = at.parameters + index * PARAMETER_BYTES;
    view.setUint8(start + PARAMETER_OFFSETS.place, place);
    view.setUint8(start + PARAMETER_OFFSETS.bytes, wide);
    view.setUint8(start + PARAMETER_OFFSETS.flags, flags);
  }
  view.setUint32(at.deed, hook.deed, little);
  view.setUint32(at.index, hook.index, little);
  view.setBigInt64(at.value, BigInt.asIntN(64, hook.value), little);
  view.setUint32(at.one_in, hook.oneIn, little);
  view.setBigUint64(at.seed, hook.seed ?? scheduleSeed, little);
  view.setUint32(at.length, hook.program.length, little);
  for (const [index, { code, jt, jf, k }] of hook.program.entries()) {
    const start = HOOK_BYTES + index * INSTRUCTION_BYTES;
    view.setUint16(start, code, little);
    view.setUint8(start + 2, jt);
    view.setUint8(start + 3, jf);
    view.setUint32(start + 4, k, little);
  }
  return bytes;
}
