import fc from 'fast-check';
import { evaluate, type Facts } from './evaluate.ts';
import { metadataOf } from './metadata/index.ts';
import type { CheckedPolicy } from './policy.ts';
import type { Policy } from './policy-schema.ts';
import { checked, policyOf } from './testing.ts';

/** Random policies that look behind pointers, with random calls: what the warden's evaluator is held against. */

export const GOLDEN_ARCH = 'x86_64';
const SEED = 1789;
const POLICIES = 20;
const CALLS = 8;

export interface GoldenCall {
  number: number;
  facts: Facts;
  /** Index of the rule that decides; -1: none. */
  rule: number;
}

export interface GoldenCase {
  policy: CheckedPolicy;
  calls: GoldenCall[];
}

const LETTERS = [
  '',
  'a',
  'ab',
  'aab',
  'b',
  'EVIL',
  '/etc/passwd',
  '/etc',
  '/bin/a',
  '*',
  'a*b',
  '\\',
  'a?',
] as const;
const text = fc.constantFrom(...LETTERS);
const quoted = text.map((word) => JSON.stringify(word));
const pattern = fc
  .array(fc.constantFrom('*', '?', 'a', 'b', '/etc/', '\\*', '\\?', '\\\\', '/'), { maxLength: 4 })
  .map((parts) => `"${parts.join('')}"`);
const textTest = (field: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.tuple(fc.constantFrom('==', '!='), quoted).map(([op, word]) => `${field} ${op} ${word}`),
    fc.tuple(fc.constantFrom('~', '!~'), pattern).map(([op, glob]) => `${field} ${op} ${glob}`),
    fc.array(quoted, { minLength: 1, maxLength: 3 }).map((words) => `${field} in {${words.join(', ')}}`),
  );
const numberTest = (field: string, values: readonly number[]): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(fc.constantFrom('==', '!=', '<', '<=', '>', '>='), fc.constantFrom(...values))
      // Nothing is less than 0, which is said to be wrong.
      .map(([op, value]) => `${field} ${value === 0 && (op === '<' || op === '>=') ? '==' : op} ${value}`),
    fc.constantFrom(...values.filter((value) => value > 0)).map((value) => `${field} & ${value}`),
  );

const FLAGS = [0, 1, 2, 64, 65, 0x8000] as const;
const ADDRESSES = ['"10.0.0.1"', '"10.0.0.0/8"', '"::1"', '"fe80::/10"', '"0.0.0.0/0"'] as const;
const address = fc.oneof(
  numberTest('addr.port', [0, 53, 80, 65535]),
  numberTest('addr.family', [0, 1, 2, 10]),
  fc.constantFrom(...ADDRESSES).map((word) => `addr.ip == ${word}`),
  textTest('addr.path'),
);
const TESTS: Record<string, fc.Arbitrary<string>> = {
  exec: fc.oneof(
    textTest('path'),
    textTest('argv[1]'),
    textTest('envp[0]'),
    numberTest('argc', [0, 1, 2, 3]),
  ),
  open: fc.oneof(textTest('path'), numberTest('flags', FLAGS), numberTest('resolve', [0, 8])),
  connect: address,
  send: address,
  clone: numberTest('flags', [0, 0x100, 0x10000, 0x1000_0000]),
  clone3: numberTest('args.exit_signal', [0, 17]),
};

function expression(leaf: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc
        .tuple(tie('node'), fc.constantFrom('&&', '||'), tie('node'))
        .map(([a, op, b]) => `(${a}) ${op} (${b})`),
      tie('node').map((one) => `!(${one})`),
    ),
  })).node;
}

const policy: fc.Arbitrary<Policy> = fc
  .array(
    fc.constantFrom(...Object.keys(TESTS)).chain((syscall) =>
      fc.record({
        syscall: fc.constant(syscall),
        when: expression(TESTS[syscall] ?? fc.constant('flags')),
        action: fc.constantFrom('allow' as const, 'deny' as const, 'kill' as const, { errno: 'EACCES' }),
      }),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((rules) => policyOf(rules, 'allow'));

const bytes = (word: string): Uint8Array => Buffer.from(word, 'latin1');
const list = (most: number): fc.Arbitrary<Uint8Array[]> => fc.array(text.map(bytes), { maxLength: most });

const socketAddress: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc
    .tuple(fc.constantFrom(53, 80), fc.constantFrom([10, 0, 0, 1], [10, 9, 9, 9], [127, 0, 0, 1]))
    .map(([port, ip]) => Uint8Array.from([2, 0, port >> 8, port & 255, ...ip, ...Array<number>(8).fill(0)])),
  fc
    .tuple(fc.constantFrom(53, 80), fc.constantFrom('::1', 'fe80::', 'mapped'))
    .map(([port, kind]) => Uint8Array.from([10, 0, 0, port, 0, 0, 0, 0, ...six(kind), 0, 0, 0, 0])),
  fc
    .tuple(text, fc.boolean())
    .map(([word, ends]) => Uint8Array.from([1, 0, ...bytes(word), ...(ends ? [0, 65] : [])])),
  fc.tuple(text).map(([word]) => Uint8Array.from([1, 0, 0, ...bytes(word)])),
  fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 9 }).map((some) => Uint8Array.from(some)),
);

function six(kind: string): number[] {
  const zeros = (count: number): number[] => Array<number>(count).fill(0);
  if (kind === '::1') return [...zeros(15), 1];
  return kind === 'mapped' ? [...zeros(10), 255, 255, 10, 0, 0, 1] : [0xfe, 0x80, ...zeros(14)];
}

const struct: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.constantFrom(...FLAGS, 0x100, 0x10000),
    fc.constantFrom(0, 8, 17),
    fc.constantFrom(0, 8, 20, 24, 88),
  )
  .map(([flags, other, size]) => {
    const whole = Buffer.alloc(88);
    whole.writeUInt32LE(flags, 0);
    whole.writeUInt32LE(other, 16);
    whole.writeUInt32LE(other, 32);
    return whole.subarray(0, size);
  });

const CALL_NAMES = [
  ...['execve', 'execveat', 'open', 'creat', 'openat', 'openat2', 'connect', 'sendto', 'sendmsg', 'sendmmsg'],
  ...['fork', 'vfork', 'clone', 'clone3', 'getpid'],
];

function call(names: readonly string[]): fc.Arbitrary<{ name: string; facts: Facts }> {
  return fc.constantFrom(...names).chain((name) => {
    const args = fc.array(fc.constantFrom(...FLAGS.map(BigInt), 0x10100n, 0xffff_ffff_0000_0040n), {
      ...{ minLength: 6, maxLength: 6 },
    });
    const known = metadataOf(GOLDEN_ARCH).syscalls.get(name);
    const deep = fc.tuple(
      ...(known?.args ?? []).map(({ type }) => {
        if (type.kind === 'string') return fc.option(text.map(bytes), { nil: undefined });
        if (type.kind !== 'pointer') return fc.constant(undefined);
        const isStruct = type.struct === 'open_how' || type.struct === 'clone_args';
        return fc.option(isStruct ? struct : socketAddress, { nil: undefined });
      }),
    );
    const exec = name.startsWith('exec');
    const facts = exec
      ? fc.record({ args, deep, path: text.map(bytes), argv: list(3), envp: list(2) })
      : fc.record({ args, deep });
    return facts.map((made): { name: string; facts: Facts } => ({ name, facts: made }));
  });
}

/** AF_UNSPEC is AF_INET to all but connect, where it is whole: two sizes of struct sockaddr_in, for each kind of call. */
function unspecified(): GoldenCase {
  const rules = ['connect', 'bind', 'send'].map((syscall) => ({
    ...{ syscall, when: 'addr.port == 53 && addr.ip == "10.0.0.0/8"' },
    action: 'deny' as const,
  }));
  const good = checked(policyOf(rules, 'allow'), GOLDEN_ARCH);
  const places = { connect: 1, bind: 1, sendto: 4, sendmsg: 1 };
  const calls = Object.entries(places).flatMap(([name, place]) =>
    [16, 15].map((size) => {
      const deep = Array<Uint8Array | undefined>(6).fill(undefined);
      deep[place] = Uint8Array.from([0, 0, 0, 53, 10, 0, 0, 1, ...Array<number>(size - 8).fill(0)]);
      return judged(good, name, { args: Array<bigint>(6).fill(0n), deep });
    }),
  );
  return { policy: good, calls };
}

/** To the any-address is to ourselves, but for a bind. */
function anyAddress(): GoldenCase {
  const rules = ['connect', 'bind', 'send'].flatMap((syscall) =>
    ['"127.0.0.0/8"', '"::1"', '"0.0.0.0"'].map((ip) => ({
      ...{ syscall, when: `addr.ip == ${ip}` },
      action: 'deny' as const,
    })),
  );
  const good = checked(policyOf(rules, 'allow'), GOLDEN_ARCH);
  const zeros = (count: number): number[] => Array<number>(count).fill(0);
  const addresses = [
    [2, 0, 0, 53, ...zeros(12)],
    [10, 0, 0, 53, ...zeros(24)],
    [10, 0, 0, 53, ...zeros(4), ...zeros(10), 255, 255, ...zeros(4), ...zeros(4)],
  ];
  const calls = Object.entries({ connect: 1, bind: 1, sendto: 4 }).flatMap(([name, place]) =>
    addresses.map((address) => {
      const deep = Array<Uint8Array | undefined>(6).fill(undefined);
      deep[place] = Uint8Array.from(address);
      return judged(good, name, { args: Array<bigint>(6).fill(0n), deep });
    }),
  );
  return { policy: good, calls };
}

export function goldenCases(): GoldenCase[] {
  const one = policy.chain((rules) => {
    const ruled = checked(rules, GOLDEN_ARCH).calls.map(({ name }) => name);
    const names = [...ruled.filter((name) => CALL_NAMES.includes(name)), 'getpid'];
    return fc.tuple(fc.constant(rules), fc.array(call(names), { minLength: CALLS, maxLength: CALLS }));
  });
  const random = fc.sample(one, { seed: SEED, numRuns: POLICIES }).map(([rules, calls]) => {
    const good = checked(rules, GOLDEN_ARCH);
    return { policy: good, calls: calls.map(({ name, facts }) => judged(good, name, facts)) };
  });
  return [...random, unspecified(), anyAddress()];
}

function judged(good: CheckedPolicy, name: string, facts: Facts): GoldenCall {
  const number = metadataOf(GOLDEN_ARCH).syscalls.get(name)?.number ?? -1;
  const steps = good.calls.find((one) => one.number === number)?.steps ?? [];
  const step = steps.find(({ when }) => evaluate(when, facts, good.bigEndian));
  return { number, facts, rule: step?.rule ?? -1 };
}
