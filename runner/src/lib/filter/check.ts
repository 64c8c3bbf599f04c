import { addressOf } from './address.ts';
import type { ArithmeticOp, Comparison, Node, TextNode } from './ast.ts';
import type { Meaning } from './fields.ts';
import { knownSomewhere, type Metadata } from './metadata/index.ts';
import { ExpressionError, suggestion } from './problem.ts';
import {
  type AddressUse,
  and,
  FALSE,
  type IntField,
  type IntOp,
  not,
  or,
  rangeOf,
  type TextField,
  TRUE,
  type Typed,
} from './typed.ts';

/** Where an expression is checked: one call on one arch. */
export interface Scope {
  /** As people write it, for messages; undefined where there are constants only. */
  call: string | undefined;
  metadata: Metadata;
  fields: ReadonlyMap<string, Meaning>;
}

/** What an operand of a comparison comes to. */
type Operand =
  | { kind: 'number'; value: bigint }
  | { kind: 'int'; field: IntField; mask: bigint | undefined; name: string }
  /** A number that the call implies: comparing it is not senseless, though it is always the same. */
  | { kind: 'fixed'; value: bigint }
  | { kind: 'text'; field: TextField }
  | { kind: 'ip'; arg: number; use: AddressUse }
  | { kind: 'literal'; text: TextNode };

/** Checks the types, folds what is constant; throws an ExpressionError. */
export function checkExpression(node: Node, scope: Scope): Typed {
  switch (node.kind) {
    case 'unary':
      if (node.op === '!') return not(checkExpression(node.operand, scope));
      return truth(node, scope);
    case 'binary':
      return checkBinary(node, scope);
    default:
      return truth(node, scope);
  }
}

/** The value of an expression in which there are constants only. */
export function checkConstant(node: Node, metadata: Metadata): bigint {
  const operand = operandOf(node, { call: undefined, metadata, fields: new Map() });
  if (operand.kind !== 'number') throw new ExpressionError(node.at, 'a number is wanted');
  return operand.value;
}

function checkBinary(node: Node & { kind: 'binary' }, scope: Scope): Typed {
  const { op, left, right } = node;
  switch (op) {
    case '&&':
      return and(checkExpression(left, scope), checkExpression(right, scope));
    case '||':
      return or(checkExpression(left, scope), checkExpression(right, scope));
    case '=~':
      return matches(node, scope);
    case '!~':
      return not(matches(node, scope));
    case 'in':
      return members(node, scope);
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparison(op, left, right, scope, node.opAt);
    default:
      return truth(node, scope);
  }
}

/** A number where a truth is wanted: some bit of it is set. */
function truth(node: Node, scope: Scope): Typed {
  const operand = operandOf(node, scope);
  switch (operand.kind) {
    case 'fixed':
    case 'number':
      return operand.value !== 0n ? TRUE : FALSE;
    case 'int':
      return { kind: 'int', field: operand.field, mask: operand.mask, op: 'any', value: 0n };
    default:
      throw new ExpressionError(node.at, 'a string is neither true nor false: compare it with == or ~');
  }
}

const MIRRORED: Record<Comparison, Comparison> = {
  ...{ '==': '==', '!=': '!=' },
  ...{ '<': '>', '<=': '>=', '>': '<', '>=': '<=' },
};

function comparison(op: Comparison, left: Node, right: Node, scope: Scope, opAt: number): Typed {
  const a = operandOf(left, scope);
  const b = operandOf(right, scope);
  if (a.kind === 'number' && b.kind === 'number') return compareNumbers(op, a.value, b.value) ? TRUE : FALSE;
  if (isLiteral(a)) return isLiteral(b) ? constants(opAt) : compare(MIRRORED[op], b, a, right, left, opAt);
  if (!isLiteral(b)) throw new ExpressionError(right.at, 'a field can only be compared with a constant');
  return compare(op, a, b, left, right, opAt);
}

const isLiteral = (operand: Operand): operand is Operand & { kind: 'number' | 'literal' } =>
  operand.kind === 'number' || operand.kind === 'literal';

function constants(at: number): never {
  throw new ExpressionError(at, 'both sides are constants: one has to be a field');
}

/** `at` and `literalAt` are the nodes that the operands come from. */
function compare(
  op: Comparison,
  field: Operand,
  literal: Operand,
  at: Node,
  literalAt: Node,
  opAt: number,
): Typed {
  if (field.kind === 'int' || field.kind === 'fixed') {
    if (literal.kind !== 'number')
      throw new ExpressionError(literalAt.at, `${word(at)} is a number: compare it with one`);
    if (field.kind === 'fixed') return compareNumbers(op, field.value, literal.value) ? TRUE : FALSE;
    return compareInt(op, field, literal.value, literalAt);
  }
  if (literal.kind !== 'literal')
    throw new ExpressionError(literalAt.at, `${word(at)} is a string: compare it with one, in double quotes`);
  if (op !== '==' && op !== '!=')
    throw new ExpressionError(opAt, `strings know == != ~ !~ and in, not ${op}`);
  const equal = equalText(field, literal.text);
  return op === '==' ? equal : not(equal);
}

function word(node: Node): string {
  if (node.kind === 'name') return `\`${node.name}\``;
  return node.kind === 'element' ? `\`${node.name}[${node.index}]\`` : 'this';
}

function equalText(field: Operand, text: TextNode): Typed {
  if (field.kind === 'ip') return { kind: 'address', field, ...addressOf(text) };
  if (field.kind !== 'text') throw new ExpressionError(text.at, 'a string is compared with a string');
  return { kind: 'text', field: field.field, op: 'eq', bytes: plain(field.field, text, text.bytes) };
}

/** Only the name of an abstract socket can have a NUL byte in it. */
function plain(field: TextField, text: TextNode, bytes: Uint8Array): Uint8Array {
  if (field.kind !== 'socketPath' && text.bytes.includes(0)) {
    throw new ExpressionError(text.at, 'no argument can hold \\x00, so this is never equal');
  }
  return bytes;
}

const OPS: Record<Exclude<Comparison, '!='>, IntOp> = {
  '==': 'eq',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
};

function compareInt(op: Comparison, operand: Operand & { kind: 'int' }, value: bigint, at: Node): Typed {
  const { field, mask, name } = operand;
  const { bits, least, most } = rangeOf(field, mask !== undefined);
  if (value < least || value > most) {
    const what = mask === undefined ? `\`${name}\`` : 'a masked value';
    const help =
      value < 0n && least === 0n
        ? `; as ${bits} unsigned bits it is ${hex(BigInt.asUintN(bits, value))}`
        : '';
    throw new ExpressionError(
      at.at,
      `${value} is out of range: ${what} goes from ${least} to ${most}${help}`,
    );
  }
  if (mask !== undefined && (op === '==' || op === '!=') && (value & ~mask) !== 0n) {
    throw new ExpressionError(
      at.at,
      `${hex(value)} has bits that the mask ${hex(mask)} has not: this is never equal`,
    );
  }
  const always = decided(op, value, least, mask ?? most);
  // What may be absent is still asked for by what holds of all that is there.
  const there = field.kind === 'arg' || field.kind === 'view';
  if (always === false || (always && there)) {
    const what = mask === undefined ? `\`${name}\`` : `a value masked by ${hex(mask)}`;
    throw new ExpressionError(
      at.at,
      `this is ${always ? 'always' : 'never'} true: ${what} goes from ${least} to ${mask ?? most}`,
    );
  }
  const test = (intOp: IntOp): Typed => ({ kind: 'int', field, mask, op: intOp, value });
  return op === '!=' ? not(test('eq')) : test(OPS[op]);
}

/** What an order says of everything between the two, or undefined where it depends. */
function decided(op: Comparison, value: bigint, least: bigint, most: bigint): boolean | undefined {
  if (op === '<' || op === '>=') return value <= least ? op === '>=' : value > most ? op === '<' : undefined;
  if (op === '>' || op === '<=') return value >= most ? op === '<=' : undefined;
  return undefined;
}

const hex = (value: bigint): string =>
  value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;

function compareNumbers(op: Comparison, a: bigint, b: bigint): boolean {
  const order = { '==': a === b, '!=': a !== b, '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b };
  return order[op];
}

function matches({ left, right, opAt }: Node & { kind: 'binary' }, scope: Scope): Typed {
  const field = operandOf(left, scope);
  const pattern = operandOf(right, scope);
  if (field.kind === 'ip')
    throw new ExpressionError(opAt, 'an address is compared with ==; "10.0.0.0/8" is a whole network');
  if (field.kind !== 'text') throw new ExpressionError(left.at, '~ is for strings; bits are tested with &');
  if (pattern.kind !== 'literal') throw new ExpressionError(right.at, '~ needs a pattern in double quotes');
  const bytes = plain(field.field, pattern.text, pattern.text.pattern);
  return { kind: 'text', field: field.field, op: 'glob', bytes };
}

function members({ left, right, opAt }: Node & { kind: 'binary' }, scope: Scope): Typed {
  if (right.kind !== 'set') throw new Error('the parser puts a set behind `in`');
  return right.items.map((item) => comparison('==', left, item, scope, opAt)).reduce(or);
}

function operandOf(node: Node, scope: Scope): Operand {
  switch (node.kind) {
    case 'number':
      return { kind: 'number', value: node.value };
    case 'text':
      return { kind: 'literal', text: node };
    case 'name':
      return named(node.name, node.at, scope);
    case 'element':
      return element(node, scope);
    case 'unary':
      return unary(node, scope);
    case 'binary':
      return arithmetic(node, scope);
    case 'set':
      throw new ExpressionError(node.at, 'a set stands behind `in` only');
  }
}

function named(name: string, at: number, scope: Scope): Operand {
  const meaning = scope.fields.get(name);
  switch (meaning?.kind) {
    case 'int':
      return { kind: 'int', field: meaning.field, mask: meaning.mask, name };
    case 'fixed':
    case 'text':
    case 'ip':
      return meaning;
    case 'list':
      throw new ExpressionError(at, `\`${name}\` is a list: ask for an element, as in ${name}[1]`);
    case 'opaque':
      throw opaque(name, at, meaning.why);
  }
  const value = scope.metadata.constants.get(name);
  if (value !== undefined) return { kind: 'number', value };
  throw unknown(name, at, scope);
}

const opaque = (name: string, at: number, why: string): ExpressionError =>
  new ExpressionError(at, `\`${name}\` cannot be asked for: ${why}`);

function unknown(name: string, at: number, { call, metadata, fields }: Scope): ExpressionError {
  if (/^[A-Z]/.test(name)) {
    if (knownSomewhere('constants', name))
      return new ExpressionError(at, `\`${name}\` is a constant of other arches`);
    return new ExpressionError(
      at,
      `there is no constant \`${name}\`${suggestion(name, [...metadata.constants.keys()])}`,
    );
  }
  const capitals = name.toUpperCase();
  if (metadata.constants.has(capitals))
    return new ExpressionError(at, `there is no \`${name}\`; did you mean \`${capitals}\`?`);
  if (call === undefined) return new ExpressionError(at, `\`${name}\` is no constant`);
  const names = [...fields]
    .filter(([, meaning]) => meaning.kind !== 'opaque')
    .map(([field]) => field)
    .sort();
  const help = suggestion(name, names);
  if (names.length === 0)
    return new ExpressionError(at, `nothing is known of what ${call} takes, so it is ruled without \`when\``);
  return new ExpressionError(at, `${call} has no \`${name}\`${help || `; it has ${names.join(', ')}`}`);
}

function element(node: Node & { kind: 'element' }, scope: Scope): Operand {
  const meaning = scope.fields.get(node.name);
  if (meaning?.kind === 'list') return { kind: 'text', field: { kind: meaning.list, index: node.index } };
  if (meaning?.kind === 'opaque') throw opaque(node.name, node.at, meaning.why);
  if (meaning) throw new ExpressionError(node.at, `\`${node.name}\` is no list`);
  throw unknown(node.name, node.at, scope);
}

/** Constants stay within what 64 bits can say, and what `~` makes of that. */
function inRange(value: bigint, at: number): Operand {
  if (value >= -(1n << 64n) && value < 1n << 64n) return { kind: 'number', value };
  throw new ExpressionError(at, `${value} has more than 64 bits`);
}

function unary(node: Node & { kind: 'unary' }, scope: Scope): Operand {
  if (node.op === '!') throw new ExpressionError(node.at, '! gives a truth, and here a number is wanted');
  const operand = operandOf(node.operand, scope);
  if (operand.kind !== 'number') throw new ExpressionError(node.at, `${node.op} is for constants only`);
  return inRange(node.op === '-' ? -operand.value : ~operand.value, node.at);
}

const ARITHMETIC: Record<ArithmeticOp, (a: bigint, b: bigint) => bigint> = {
  ...{ '&': (a, b) => a & b, '|': (a, b) => a | b, '^': (a, b) => a ^ b },
  ...{ '<<': (a, b) => a << b, '>>': (a, b) => a >> b, '+': (a, b) => a + b, '-': (a, b) => a - b },
};
const isArithmetic = (op: string): op is ArithmeticOp => Object.hasOwn(ARITHMETIC, op);

function arithmetic(node: Node & { kind: 'binary' }, scope: Scope): Operand {
  const { op, left, right, opAt } = node;
  if (!isArithmetic(op))
    throw new ExpressionError(opAt, `${op === '=~' ? '~' : op} gives a truth, and here a number is wanted`);
  const a = operandOf(left, scope);
  const b = operandOf(right, scope);
  if (a.kind === 'number' && b.kind === 'number') {
    if ((op === '<<' || op === '>>') && (b.value < 0n || b.value > 63n)) {
      throw new ExpressionError(right.at, 'a shift goes from 0 to 63');
    }
    return inRange(ARITHMETIC[op](a.value, b.value), opAt);
  }
  if (op === '&' && b.kind === 'number' && (a.kind === 'int' || a.kind === 'fixed'))
    return masked(a, b.value, right);
  if (op === '&' && a.kind === 'number' && (b.kind === 'int' || b.kind === 'fixed'))
    return masked(b, a.value, left);
  throw new ExpressionError(
    opAt,
    `\`${op}\` is for constants; of a field only bits can be taken, as in flags & O_CREAT`,
  );
}

function masked(operand: Operand & { kind: 'int' | 'fixed' }, value: bigint, at: Node): Operand {
  if (operand.kind === 'fixed') return { kind: 'fixed', value: operand.value & value };
  const { bits, most } = rangeOf(operand.field, true);
  if (value > most || value < -(1n << BigInt(bits))) {
    throw new ExpressionError(
      at.at,
      `the mask ${hex(value)} has more bits than \`${operand.name}\`, which has ${bits}`,
    );
  }
  const mask = BigInt.asUintN(bits, value) & (operand.mask ?? most);
  if (mask === 0n) throw new ExpressionError(at.at, `no bit of \`${operand.name}\` is left by this mask`);
  return { ...operand, mask };
}
