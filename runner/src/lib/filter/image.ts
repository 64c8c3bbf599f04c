import { compile, returnOf } from './compile.ts';
import type { CheckedPolicy } from './policy.ts';
import {
  type AddressTest,
  type IntTest,
  isScalar,
  shapeOf,
  type TextTest,
  type Typed,
  tests,
} from './typed.ts';

/** A policy as the warden loads it: docs/formats.md, Policy image. Everything is little-endian, on every arch. */

const MAGIC = 'PFPOLCY\0';
export const IMAGE_VERSION = 1;
const HEADER_BYTES = 56;

/** What the loader has room for (native/warden/policy.h). */
export const IMAGE_LIMITS = { rules: 1024, calls: 512, steps: 4096, tests: 4096, code: 65_536, text: 65_536 };

const CODE = { false: 0, true: 1, not: 2, and: 3, or: 4, test: 5 } as const;
const FIELD = {
  ...{ arg: 0, argc: 1, member: 2, addressFamily: 3, port: 4, string: 5, path: 6, argv: 7, envp: 8 },
  ...{ socketPath: 9, ip: 10 },
} as const;
const TEST_OP = { eq: 0, lt: 1, le: 2, gt: 3, ge: 4, any: 5, text: 6, glob: 7, address: 8 } as const;
const NO_PLACE = 0xff;
const ASKS = 1;

type Test = IntTest | TextTest | AddressTest;

/** Throws a RangeError that names what there is too much of. */
export function encodeImage(policy: CheckedPolicy): Buffer {
  return new Encoder(policy).image();
}

class Encoder {
  readonly #policy: CheckedPolicy;
  readonly #steps: Buffer[] = [];
  readonly #tests = new Pool();
  readonly #code = new Bytes();
  readonly #text = new Bytes();

  constructor(policy: CheckedPolicy) {
    this.#policy = policy;
  }

  image(): Buffer {
    const { actions, lines, audit, fallback } = this.#policy;
    const program = compile(this.#policy);
    const instructions = program.map(({ code, jt, jf, k }) => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt16LE(code, 0);
      bytes.writeUInt8(jt, 2);
      bytes.writeUInt8(jf, 3);
      bytes.writeUInt32LE(k, 4);
      return bytes;
    });
    const rules = actions.map((action, at) => words(returnOf(action), lines[at] ?? 0));
    const calls = this.#policy.calls.map((call) => this.#call(call));
    const sizes = { rules, calls, steps: this.#steps, tests: this.#tests.items };
    for (const [what, list] of Object.entries(sizes)) checkRoom(what, list.length);
    checkRoom('code', this.#code.length);
    checkRoom('text', this.#text.length);
    const body = Buffer.concat([
      ...[...instructions, ...rules, ...calls, ...this.#steps, ...this.#tests.items],
      ...[this.#code.bytes(), this.#text.bytes()],
    ]);
    const head = words(
      ...[IMAGE_VERSION, HEADER_BYTES + body.length, audit, returnOf(fallback), program.length, rules.length],
      ...[
        calls.length,
        this.#steps.length,
        this.#tests.items.length,
        this.#code.length,
        this.#text.length,
        0,
      ],
    );
    return Buffer.concat([Buffer.from(MAGIC, 'latin1'), head, body]);
  }

  #call({ number, steps }: CheckedPolicy['calls'][number]): Buffer {
    const first = this.#steps.length;
    for (const { rule, when } of steps) {
      const code = Buffer.from(this.#codeOf(when));
      this.#steps.push(words(rule, this.#code.place(code), code.length));
    }
    const asks = steps.some(({ when }) => tests(when).some((test) => !isScalar(test)));
    return words(number, first, steps.length, asks ? ASKS : 0);
  }

  /** Operands first, operators behind them. */
  #codeOf(typed: Typed): number[] {
    switch (typed.kind) {
      case 'constant':
        return [typed.value ? CODE.true : CODE.false];
      case 'not':
        return [...this.#codeOf(typed.operand), CODE.not];
      case 'and':
      case 'or':
        return [...this.#codeOf(typed.left), ...this.#codeOf(typed.right), CODE[typed.kind]];
      default: {
        const index = this.#tests.place(this.#test(typed));
        return [CODE.test, index & 255, index >> 8];
      }
    }
  }

  #test(test: Test): Buffer {
    const bytes = Buffer.alloc(40);
    const { field } = test;
    if (field.kind === 'view') throw new Error('the warden is told of calls before they return');
    bytes.writeUInt8(FIELD[field.kind], 0);
    if (field.kind === 'arg') {
      bytes.writeUInt8(field.low, 2);
      bytes.writeUInt8(field.high ?? NO_PLACE, 3);
    } else {
      if ('arg' in field) bytes.writeUInt8(field.arg, 2);
      bytes.writeUInt8(NO_PLACE, 3);
    }
    if (field.kind === 'argv' || field.kind === 'envp') bytes.writeUInt32LE(field.index, 8);
    if (field.kind === 'member') bytes.writeUInt32LE(field.offset, 8);
    if (test.kind === 'int') this.#int(bytes, test);
    else this.#bytesOf(bytes, test);
    return bytes;
  }

  #int(bytes: Buffer, { field, mask, op, value }: IntTest): void {
    const { bits, signed } = shapeOf(field);
    bytes.writeUInt8(TEST_OP[op], 1);
    bytes.writeUInt8(bits, 4);
    bytes.writeUInt8(signed ? 1 : 0, 5);
    bytes.writeUInt16LE(mask === undefined ? 0 : 1, 6);
    bytes.writeBigUInt64LE(mask ?? 0n, 24);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value), 32);
  }

  #bytesOf(bytes: Buffer, test: TextTest | AddressTest): void {
    const op = test.kind === 'address' ? 'address' : test.op === 'eq' ? 'text' : 'glob';
    bytes.writeUInt8(TEST_OP[op], 1);
    bytes.writeUInt32LE(this.#text.place(Buffer.from(test.bytes)), 12);
    bytes.writeUInt32LE(test.bytes.length, 16);
    if (test.kind === 'address') bytes.writeUInt32LE(test.bits, 20);
  }
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, at * 4);
  return bytes;
}

function checkRoom(what: string, length: number): void {
  const most = Object.entries(IMAGE_LIMITS).find(([name]) => name === what)?.[1] ?? 0;
  if (length > most) throw new RangeError(`the policy needs ${length} of ${most} ${what}`);
}

/** Records of one size, each kept once. */
class Pool {
  readonly items: Buffer[] = [];
  readonly #known = new Map<string, number>();

  place(item: Buffer): number {
    const key = item.toString('latin1');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.items.length);
    return this.items.push(item) - 1;
  }
}

/** Byte strings, each kept once. */
class Bytes {
  length = 0;
  readonly #parts: Buffer[] = [];
  readonly #known = new Map<string, number>();

  place(part: Buffer): number {
    const key = part.toString('latin1');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const at = this.length;
    this.#known.set(key, at);
    this.#parts.push(part);
    this.length += part.length;
    return at;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
