import fc from 'fast-check';
import type { Arch } from '../ids.ts';
import { fieldsOf, type Meaning } from './fields.ts';
import { metadataOf, type Syscall } from './metadata/index.ts';
import { type CheckedPolicy, checkPolicy } from './policy.ts';
import type { Action, Policy } from './policy-schema.ts';
import { rangeOf } from './typed.ts';

/** Random expressions and arguments for tests. */

export const policyOf = (rules: Policy['rules'], fallback: Action = 'allow'): Policy => ({
  default: fallback,
  rules,
  lines: rules.map((_, at) => at + 1),
});

/** One that must be right. */
export function checked(policy: Policy, arch: Arch): CheckedPolicy {
  const result = checkPolicy(policy, arch);
  if (result.ok) return result.policy;
  throw new Error(result.problems.map(({ character, text }) => `${character}: ${text}`).join('\n'));
}

type Scalar = Meaning & { kind: 'int' };

const scalarsIn = (fields: ReadonlyMap<string, Meaning>): [string, Scalar][] =>
  [...fields].flatMap(([name, meaning]): [string, Scalar][] =>
    meaning.kind === 'int' && (meaning.field.kind === 'arg' || meaning.field.kind === 'view')
      ? [[name, meaning]]
      : [],
  );
const scalarsOf = (call: Syscall, arch: Arch): [string, Scalar][] =>
  scalarsIn(fieldsOf(call, metadataOf(arch)));

/** Calls with something to compare, by name, so that arches can be told apart. */
export const callsWithScalars = (arch: Arch): Syscall[] =>
  [...metadataOf(arch).syscalls.values()].filter((call) => scalarsOf(call, arch).length > 0);

/** A number that is likely to sit on some edge. */
export function edgy(least: bigint, most: bigint): fc.Arbitrary<bigint> {
  const edges = [
    least,
    most,
    0n,
    1n,
    -1n,
    (least + most) / 2n,
    0x7fff_ffffn,
    0x8000_0000n,
    0xffff_ffffn,
    1n << 32n,
  ];
  return fc.oneof(
    fc.constantFrom(...edges.filter((edge) => edge >= least && edge <= most)),
    fc.bigInt({ min: least, max: most }),
    fc.bigInt({ min: 0n, max: 300n < most ? 300n : most }),
  );
}

/** As it is, or another where an order would say the same of all numbers there are. */
function telling(op: string, number: bigint, least: bigint, most: bigint): string {
  if ((op === '<' || op === '>=') && number <= least) return '==';
  if ((op === '>' || op === '<=') && number >= most) return '!=';
  return op;
}

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

function testOf([name, { field, mask }]: [string, Scalar]): fc.Arbitrary<string> {
  const { bits, least, most } = rangeOf(field, mask !== undefined);
  const value = mask === undefined ? edgy(least, most) : edgy(0n, most).map((one) => one & mask);
  const [from, to] = mask === undefined ? [least, most] : [0n, mask];
  const bit = fc
    .integer({ min: mask === undefined ? 0 : 8, max: bits - 1 })
    .map((shift) => 1n << BigInt(shift));
  const wanted = fc.tuple(bit, edgy(0n, most)).map(([one, more]) => one | more);
  const op = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
  return fc.oneof(
    fc.tuple(op, value).map(([sign, number]) => `${name} ${telling(sign, number, from, to)} ${number}`),
    fc.tuple(op, value).map(([sign, number]) => {
      const told = telling(sign, number, from, to);
      return `${number} ${MIRRORED[told] ?? told} ${name}`;
    }),
    fc.tuple(op, wanted, edgy(0n, most)).map(([sign, bitsOf, number]) => {
      const kept = mask === undefined ? bitsOf : bitsOf & mask;
      const told = telling(sign, number & kept, 0n, kept);
      return `${name} & 0x${bitsOf.toString(16)} ${told} ${number & kept}`;
    }),
    wanted.map((bitsOf) => `${name} & 0x${bitsOf.toString(16)}`),
    fc.array(value, { minLength: 1, maxLength: 5 }).map((list) => `${name} in {${list.join(', ')}}`),
    fc.constant(name),
  );
}

/** An expression over a call's scalar arguments. */
export const expressionFor = (call: Syscall, arch: Arch): fc.Arbitrary<string> =>
  expressionOver(fieldsOf(call, metadataOf(arch)));

/** An expression over those of the fields that are numbers in registers. */
export function expressionOver(fields: ReadonlyMap<string, Meaning>): fc.Arbitrary<string> {
  const leaf = fc.oneof(...scalarsIn(fields).map(testOf));
  const { node } = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(${a}) && (${b})`),
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(${a}) || (${b})`),
      tie('node').map((one) => `!(${one})`),
    ),
  }));
  return node;
}

/** Registers as a program may leave them, dirt in their upper halves included. */
export function argumentsOn(arch: Arch): fc.Arbitrary<bigint[]> {
  const { bits } = metadataOf(arch);
  const word = edgy(0n, (1n << BigInt(bits)) - 1n);
  const dirty = fc
    .tuple(word, word)
    .map(([high, low]) => ((high & 0xffff_ffffn) << 32n) | (low & 0xffff_ffffn));
  return fc.array(bits === 64 ? fc.oneof(word, dirty) : word, { minLength: 6, maxLength: 6 });
}
