import { familyOf } from './families.ts';
import { type Argument, halves, type Metadata, type Syscall, VISIBLE_ARGS } from './metadata/index.ts';
import type { AddressUse, IntField, TextField } from './typed.ts';

/** What a name in an expression stands for in one call on one arch. */
export type Meaning =
  | { kind: 'int'; field: IntField; mask: bigint | undefined; mutable?: true }
  /** What the call means without saying it, as creat's flags. */
  | { kind: 'fixed'; value: bigint }
  | { kind: 'text'; field: TextField }
  | { kind: 'ip'; arg: number; use: AddressUse }
  /** argv and envp need an element. */
  | { kind: 'list'; list: 'argv' | 'envp' }
  | { kind: 'opaque'; why: string };

const fixed = (value: bigint): Meaning => ({ kind: 'fixed', value });

/** The exit signal in the low byte of clone's flags is not one of them. */
const CLONE_SIGNAL = 0xffn;
const LOW_32 = 0xffff_ffffn;

/** Where a program finds an argument that is a number: places in its data's args. */
export type Placing = (
  arg: Argument,
  index: number,
  metadata: Metadata,
) => { low: number; high: number | undefined };

/** As seccomp's filters have them: register by register. */
export const SECCOMP_PLACES: Placing = (arg, _, { bigEndian }) => halves(arg, bigEndian);

/** All names that mean something in a call. */
export function fieldsOf(
  call: Syscall,
  metadata: Metadata,
  placing: Placing = SECCOMP_PLACES,
): Map<string, Meaning> {
  const fields = new Map<string, Meaning>();
  for (const [index, arg] of call.args.entries()) {
    fields.set(arg.name, ofArgument(arg, placing(arg, index, metadata)));
    if (arg.type.kind !== 'pointer' || arg.type.struct === undefined) continue;
    const alias = call.name === 'clone3' ? 'args' : arg.name;
    for (const [name, member] of metadata.structs.get(arg.type.struct) ?? []) {
      fields.set(`${alias}.${name}`, {
        ...{ kind: 'int', mask: undefined },
        field: { kind: 'member', arg: arg.low, ...member },
      });
    }
  }
  for (const [name, meaning] of familyFields(call, metadata, fields)) fields.set(name, meaning);
  return fields;
}

function ofArgument(arg: Argument, { low, high }: ReturnType<Placing>): Meaning {
  if (Math.max(low, high ?? 0) >= VISIBLE_ARGS)
    return { kind: 'opaque', why: 'no filter can see the seventh argument and those behind it' };
  if (arg.type.kind === 'string') return { kind: 'text', field: { kind: 'string', arg: arg.low } };
  if (arg.type.kind === 'pointer') {
    return { kind: 'opaque', why: 'what it points to is not described, and where it points means nothing' };
  }
  const { bits, signed } = arg.type;
  return { kind: 'int', field: { kind: 'arg', low, high, bits, signed }, mask: undefined };
}

type Named = [string, Meaning];

function familyFields(call: Syscall, metadata: Metadata, own: ReadonlyMap<string, Meaning>): Named[] {
  switch (familyOf(call.name)?.name) {
    case 'exec':
      return [
        ['path', { kind: 'text', field: { kind: 'path' } }],
        ['argv', { kind: 'list', list: 'argv' }],
        ['envp', { kind: 'list', list: 'envp' }],
        ['argc', { kind: 'int', field: { kind: 'argc' }, mask: undefined }],
        ['flags', own.get('flags') ?? fixed(0n)],
      ];
    case 'open':
      return openFields(metadata, own);
    case 'connect':
      return addressFields(call, 'connect');
    case 'bind':
      return addressFields(call, 'bind');
    case 'send':
      return addressFields(call, 'send');
    case 'clone':
      return [['flags', cloneFlags(call, metadata, own)]];
    default:
      return [];
  }
}

function openFields(metadata: Metadata, own: ReadonlyMap<string, Meaning>): Named[] {
  const path = own.get('filename') ?? own.get('pathname');
  const implied = ['O_CREAT', 'O_WRONLY', 'O_TRUNC'].reduce(
    (sum, name) => sum | (metadata.constants.get(name) ?? 0n),
    0n,
  );
  return [
    ...(path ? [['path', path] satisfies Named] : []),
    ['flags', own.get('how.flags') ?? own.get('flags') ?? fixed(implied)],
    ['mode', own.get('how.mode') ?? own.get('mode') ?? fixed(0n)],
    ['resolve', own.get('how.resolve') ?? fixed(0n)],
  ];
}

function addressFields(call: Syscall, use: AddressUse): Named[] {
  const holder = call.args.find(
    ({ type }) => type.kind === 'pointer' && /^(sockaddr|user_msghdr|mmsghdr)$/.test(type.struct ?? ''),
  );
  if (!holder) return [];
  const arg = holder.low;
  return [
    ['addr.family', { kind: 'int', field: { kind: 'addressFamily', arg }, mask: undefined }],
    ['addr.port', { kind: 'int', field: { kind: 'port', arg, use }, mask: undefined }],
    ['addr.ip', { kind: 'ip', arg, use }],
    ['addr.path', { kind: 'text', field: { kind: 'socketPath', arg } }],
  ];
}

function cloneFlags(call: Syscall, metadata: Metadata, own: ReadonlyMap<string, Meaning>): Meaning {
  const constant = (name: string): bigint => metadata.constants.get(name) ?? 0n;
  if (call.name === 'fork') return fixed(0n);
  if (call.name === 'vfork') return fixed(constant('CLONE_VM') | constant('CLONE_VFORK'));
  const flags = own.get(call.name === 'clone3' ? 'args.flags' : 'clone_flags');
  if (flags?.kind !== 'int') return { kind: 'opaque', why: 'its flags are not described' };
  return call.name === 'clone3' ? flags : { ...flags, mask: LOW_32 & ~CLONE_SIGNAL };
}
