import type { AddressTest, AddressUse, IntField, IntTest, TextTest, Typed, ViewField } from './typed.ts';
import { shapeOf } from './typed.ts';

/** The facts of one call, as the warden has them: what a filter sees, and copies of what arguments point to. */
export interface Facts {
  /** seccomp_data's args, as the kernel fills them: 64 unsigned bits each. */
  args: readonly bigint[];
  /** What a hook is told besides. */
  view?: Readonly<Record<ViewField, bigint>>;
  /** By argument: bytes of a string without its NUL, a struct, or a socket address. */
  deep?: readonly (Uint8Array | undefined)[];
  path?: Uint8Array;
  argv?: readonly Uint8Array[];
  envp?: readonly Uint8Array[];
}

/** What an expression comes to, straight from its meaning: the other two ways to evaluate it have to agree. */
export function evaluate(typed: Typed, facts: Facts, bigEndian: boolean): boolean {
  switch (typed.kind) {
    case 'constant':
      return typed.value;
    case 'not':
      return !evaluate(typed.operand, facts, bigEndian);
    case 'and':
      return evaluate(typed.left, facts, bigEndian) && evaluate(typed.right, facts, bigEndian);
    case 'or':
      return evaluate(typed.left, facts, bigEndian) || evaluate(typed.right, facts, bigEndian);
    case 'int':
      return intHolds(typed, facts, bigEndian);
    case 'text':
      return textHolds(typed, facts, bigEndian);
    case 'address':
      return addressHolds(typed, facts, bigEndian);
  }
}

function intHolds({ field, mask, op, value }: IntTest, facts: Facts, bigEndian: boolean): boolean {
  const have = intValue(field, facts, bigEndian);
  if (have === undefined) return false;
  const seen = mask === undefined ? have : BigInt.asUintN(shapeOf(field).bits, have) & mask;
  switch (op) {
    case 'any':
      return seen !== 0n;
    case 'eq':
      return seen === value;
    case 'lt':
      return seen < value;
    case 'le':
      return seen <= value;
    case 'gt':
      return seen > value;
    case 'ge':
      return seen >= value;
  }
}

function intValue(field: IntField, facts: Facts, bigEndian: boolean): bigint | undefined {
  switch (field.kind) {
    case 'arg': {
      const low = facts.args[field.low] ?? 0n;
      const whole =
        field.high === undefined ? low : ((facts.args[field.high] ?? 0n) << 32n) | (low & 0xffff_ffffn);
      return field.signed ? BigInt.asIntN(field.bits, whole) : BigInt.asUintN(field.bits, whole);
    }
    case 'view':
      return facts.view?.[field.name];
    case 'argc':
      return facts.argv && BigInt(facts.argv.length);
    case 'member':
      return memberValue(field, facts.deep?.[field.arg], bigEndian);
    case 'addressFamily':
      return socketFamily(facts.deep?.[field.arg], bigEndian);
    case 'port':
      return port(facts.deep?.[field.arg], bigEndian, field.use);
  }
}

/** What lies behind the size that the caller gave is 0 for the kernel. */
function memberValue(
  { offset, size, signed }: IntField & { kind: 'member' },
  bytes: Uint8Array | undefined,
  bigEndian: boolean,
): bigint | undefined {
  if (!bytes) return undefined;
  let value = 0n;
  for (let at = 0; at < size; at++) {
    const place = offset + (bigEndian ? at : size - 1 - at);
    value = (value << 8n) | BigInt(bytes[place] ?? 0);
  }
  return signed ? BigInt.asIntN(size * 8, value) : value;
}

const UNSPEC = 0n;
const UNIX = 1n;
const INET = 2n;
const INET6 = 10n;

function socketFamily(bytes: Uint8Array | undefined, bigEndian: boolean): bigint | undefined {
  const [first, second] = bytes ?? [];
  if (first === undefined || second === undefined) return undefined;
  return BigInt(bigEndian ? (first << 8) | second : (second << 8) | first);
}

/** struct sockaddr_in. */
const INET_BYTES = 16;

/** What the kernel takes it for: sends and binds mean AF_INET by AF_UNSPEC (udp_sendmsg, raw_sendmsg, inet_bind). */
function meantFamily(bytes: Uint8Array | undefined, bigEndian: boolean, use: AddressUse): bigint | undefined {
  const family = socketFamily(bytes, bigEndian);
  return family === UNSPEC && use !== 'connect' && bytes && bytes.length >= INET_BYTES ? INET : family;
}

function port(bytes: Uint8Array | undefined, bigEndian: boolean, use: AddressUse): bigint | undefined {
  const family = meantFamily(bytes, bigEndian, use);
  if ((family !== INET && family !== INET6) || !bytes || bytes.length < 4) return undefined;
  return BigInt(((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0));
}

/** To connect and send to the any-address is to do so to ourselves (ip_route_output_key_hash_rcu, __ip6_datagram_connect). */
const LOOPBACK = { 4: [127, 0, 0, 1], 16: [...Array<number>(15).fill(0), 1] };

function ip(bytes: Uint8Array | undefined, bigEndian: boolean, use: AddressUse): Uint8Array | undefined {
  const said = saidIp(bytes, bigEndian, use);
  if (use === 'bind' || !said || said.some((byte) => byte !== 0)) return said;
  return Uint8Array.from(said.length === 4 ? LOOPBACK[4] : LOOPBACK[16]);
}

function saidIp(bytes: Uint8Array | undefined, bigEndian: boolean, use: AddressUse): Uint8Array | undefined {
  const family = meantFamily(bytes, bigEndian, use);
  if (family === INET && bytes && bytes.length >= 8) return bytes.subarray(4, 8);
  if (family !== INET6 || !bytes || bytes.length < 24) return undefined;
  const six = bytes.subarray(8, 24);
  const mapped = six.subarray(0, 10).every((byte) => byte === 0) && six[10] === 255 && six[11] === 255;
  return mapped ? six.subarray(12) : six;
}

function addressHolds({ field, bytes, bits }: AddressTest, facts: Facts, bigEndian: boolean): boolean {
  const have = ip(facts.deep?.[field.arg], bigEndian, field.use);
  if (have?.length !== bytes.length) return false;
  for (let bit = 0; bit < bits; bit++) {
    const difference = (have[bit >> 3] ?? 0) ^ (bytes[bit >> 3] ?? 0);
    if (((difference >> (7 - (bit & 7))) & 1) !== 0) return false;
  }
  return true;
}

function textHolds({ field, op, bytes }: TextTest, facts: Facts, bigEndian: boolean): boolean {
  const have = textValue(field, facts, bigEndian);
  if (!have) return false;
  return op === 'eq' ? Buffer.compare(have, bytes) === 0 : globHolds(bytes, have);
}

function textValue(field: TextTest['field'], facts: Facts, bigEndian: boolean): Uint8Array | undefined {
  switch (field.kind) {
    case 'string':
      return facts.deep?.[field.arg];
    case 'path':
      return facts.path;
    case 'argv':
      return facts.argv?.[field.index];
    case 'envp':
      return facts.envp?.[field.index];
    case 'socketPath':
      return socketPath(facts.deep?.[field.arg], bigEndian);
  }
}

/** A name that starts with NUL is abstract, and all its bytes count; another one ends at its NUL (unix(7)). */
function socketPath(bytes: Uint8Array | undefined, bigEndian: boolean): Uint8Array | undefined {
  if (!bytes || socketFamily(bytes, bigEndian) !== UNIX) return undefined;
  const path = bytes.subarray(2);
  if (path[0] === 0) return path;
  const end = path.indexOf(0);
  return end < 0 ? path : path.subarray(0, end);
}

const STAR = 0x2a;
const QUESTION = 0x3f;
const BACKSLASH = 0x5c;

/** `*` is any bytes, slashes too; `?` one byte. Linear in both but for the last star's retries. */
export function globHolds(pattern: Uint8Array, text: Uint8Array): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const escaped = pattern[p] === BACKSLASH && p + 1 < pattern.length;
    const wanted = pattern[escaped ? p + 1 : p];
    if (p < pattern.length && !escaped && wanted === STAR) {
      star = ++p;
      resume = t;
    } else if (p < pattern.length && ((!escaped && wanted === QUESTION) || wanted === text[t])) {
      p += escaped ? 2 : 1;
      t++;
    } else if (star >= 0) {
      p = star;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === STAR) p++;
  return p === pattern.length;
}
