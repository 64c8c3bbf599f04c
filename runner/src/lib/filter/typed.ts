/** An expression after the type checker: tests of one field each, joined by and, or and not. */

export type Typed =
  | { kind: 'constant'; value: boolean }
  | { kind: 'not'; operand: Typed }
  | { kind: 'and' | 'or'; left: Typed; right: Typed }
  | IntTest
  | TextTest
  | AddressTest;

/** `any`: some bit of the masked value is set. Others compare; a field that is absent makes every test false. */
export type IntOp = 'eq' | 'lt' | 'le' | 'gt' | 'ge' | 'any';

export interface IntTest {
  kind: 'int';
  field: IntField;
  /** Of the field's own width; the masked value counts as unsigned. */
  mask: bigint | undefined;
  op: IntOp;
  value: bigint;
}

export interface TextTest {
  kind: 'text';
  field: TextField;
  /** A glob knows `*`, `?` and a backslash before what is meant literally. */
  op: 'eq' | 'glob';
  bytes: Uint8Array;
}

/** The first bits of an IPv4 (4 bytes) or IPv6 (16 bytes) address. */
export interface AddressTest {
  kind: 'address';
  field: { kind: 'ip'; arg: number; use: AddressUse };
  bytes: Uint8Array;
  bits: number;
}

export type Width = 8 | 16 | 32 | 64;

/**
 * What an address is given for: to a connect AF_UNSPEC is none, while sends and binds mean AF_INET by it; the any-address is
 * any of ours to a bind, and ourselves to the others.
 */
export type AddressUse = 'connect' | 'bind' | 'send';

export type IntField =
  /** low and high are places in seccomp_data's args; high holds the upper 32 bits of a pair. */
  | { kind: 'arg'; low: number; high: number | undefined; bits: Width; signed: boolean }
  | { kind: 'argc' }
  | { kind: 'member'; arg: number; offset: number; size: number; signed: boolean }
  | { kind: 'addressFamily'; arg: number }
  | { kind: 'port'; arg: number; use: AddressUse }
  /** What a hook's program is told beside arguments. */
  | { kind: 'view'; name: ViewField };

/** The fields of struct pf_view (native/hooks/photofinish_uapi.h) behind its arguments. */
export const VIEW = {
  result: { offset: 64, bits: 64, signed: true },
  pid: { offset: 72, bits: 32, signed: false },
  tid: { offset: 76, bits: 32, signed: false },
  vpid: { offset: 80, bits: 32, signed: false },
  vtid: { offset: 84, bits: 32, signed: false },
} as const;
export type ViewField = keyof typeof VIEW;

export type TextField =
  | { kind: 'string'; arg: number }
  | { kind: 'path' }
  | { kind: 'argv' | 'envp'; index: number }
  | { kind: 'socketPath'; arg: number };

/** Only arguments themselves are there for the kernel's filter; what they point to is for the warden. */
export const isScalar = (test: IntTest | TextTest | AddressTest): test is IntTest =>
  test.kind === 'int' && (test.field.kind === 'arg' || test.field.kind === 'view');

export const TRUE: Typed = { kind: 'constant', value: true };
export const FALSE: Typed = { kind: 'constant', value: false };

export function not(operand: Typed): Typed {
  if (operand.kind === 'constant') return operand.value ? FALSE : TRUE;
  return operand.kind === 'not' ? operand.operand : { kind: 'not', operand };
}

export function and(left: Typed, right: Typed): Typed {
  if (left.kind === 'constant') return left.value ? right : FALSE;
  if (right.kind === 'constant') return right.value ? left : FALSE;
  return { kind: 'and', left, right };
}

export function or(left: Typed, right: Typed): Typed {
  if (left.kind === 'constant') return left.value ? TRUE : right;
  if (right.kind === 'constant') return right.value ? TRUE : left;
  return { kind: 'or', left, right };
}

export function tests(typed: Typed): (IntTest | TextTest | AddressTest)[] {
  switch (typed.kind) {
    case 'constant':
      return [];
    case 'not':
      return tests(typed.operand);
    case 'and':
    case 'or':
      return [...tests(typed.left), ...tests(typed.right)];
    default:
      return [typed];
  }
}

/** The range of an integer field's values. */
export function rangeOf(field: IntField, masked: boolean): { bits: number; least: bigint; most: bigint } {
  const { bits, signed } = shapeOf(field);
  if (!signed || masked) return { bits, least: 0n, most: (1n << BigInt(bits)) - 1n };
  return { bits, least: -(1n << BigInt(bits - 1)), most: (1n << BigInt(bits - 1)) - 1n };
}

export function shapeOf(field: IntField): { bits: number; signed: boolean } {
  switch (field.kind) {
    case 'arg':
      return field;
    case 'view':
      return VIEW[field.name];
    case 'argc':
      return { bits: 32, signed: false };
    case 'member':
      return { bits: field.size * 8, signed: field.signed };
    default:
      return { bits: 16, signed: false };
  }
}
