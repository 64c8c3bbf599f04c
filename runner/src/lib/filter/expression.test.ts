import { describe, expect, it } from 'vitest';
import type { Arch } from '../ids.ts';
import { evaluate, type Facts, globHolds } from './evaluate.ts';
import { checkPolicy } from './policy.ts';
import { checked, policyOf } from './testing.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function holds(syscall: string, when: string, facts: Partial<Facts>, arch: Arch = 'x86_64'): boolean {
  const policy = checked(policyOf([{ syscall, when, action: 'deny' }]), arch);
  const step = policy.calls[0]?.steps[0];
  return (
    step !== undefined && evaluate(step.when, { args: [0n, 0n, 0n, 0n, 0n, 0n], ...facts }, policy.bigEndian)
  );
}

const args = (...values: bigint[]): Pick<Facts, 'args'> => ({ args: values });
const sent = (address: Uint8Array): Partial<Facts> => ({ deep: [...Array<undefined>(4), address] });
/** AF_UNSPEC, with a port and an address as in struct sockaddr_in. */
const unspecified = Uint8Array.from([0, 0, 0, 80, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
const exec = (...argv: string[]): Partial<Facts> => ({ path: bytes('/bin/x'), argv: argv.map(bytes) });

describe('an expression', () => {
  it.each<[string, string, Partial<Facts>, boolean]>([
    ['sys_close', 'fd == 0xffffffff', args(0xdead_beef_ffff_ffffn), true],
    ['sys_connect', 'fd == -1', args(0x1_ffff_ffffn), true],
    ['sys_connect', 'fd < 0', args(0x8000_0000n), true],
    ['sys_connect', 'fd < 0', args(0x7fff_ffffn), false],
    ['lseek', 'offset < -1', args(0n, 0xffff_ffff_ffff_fffen), true],
    ['openat', 'flags & O_CREAT == 0', args(0n, 0n, 0x40n), false],
    ['openat', 'flags & 3 in {O_WRONLY, O_RDWR}', args(0n, 0n, 0x42n), true],
    ['openat', 'flags & ~O_CREAT', args(0n, 0n, 0x40n), false],
    ['openat', '!(mode & 0o111) && flags', args(0n, 0n, 1n, 0o10644n), true],
    ['openat', 'mode == 0o644', args(0n, 0n, 0n, 0xff01a4n), true],
    ['sys_clone', 'flags == CLONE_VM', args(0xffff_ffff_0000_0111n), true],
    ['exec', 'argv[1] == "EVIL"', exec('a', 'EVIL'), true],
    ['exec', 'argv[9] == "EVIL"', exec('a'), false],
    ['exec', 'argv[9] != "EVIL"', exec('a'), true],
    ['exec', '!(argv[9] ~ "*")', exec('a'), true],
    ['exec', 'argc in {1 + 1, 7} && path ~ "/b?n/*"', exec('a', 'b'), true],
    ['exec', 'argv[0] == "\\x41\\"\\n"', exec('A"\n'), true],
    ['exec', 'argv[0] == "ü"', exec('\xc3\xbc'), true],
    ['connect', 'addr.port == 80', { deep: [undefined, bytes('\x02\0\0\x50\x0a\0\0\x01')] }, true],
    ['connect', 'addr.ip == "10.0.0.0/8"', { deep: [undefined, bytes('\x02\0\0\x50\x0a\x09\0\x01')] }, true],
    ['connect', 'addr.port < 80', { deep: [undefined, bytes('\x01\0/tmp/x')] }, false],
    ['connect', 'addr.path == "/tmp/x"', { deep: [undefined, bytes('\x01\0/tmp/x\0junk')] }, true],
    ['connect', 'addr.path == "\\x00abc"', { deep: [undefined, bytes('\x01\0\0abc')] }, true],
    ['sendto', 'addr.port == 80 && addr.ip == "10.0.0.1"', sent(unspecified), true],
    ['sendto', 'addr.family == AF_INET', sent(unspecified), false],
    ['sendto', 'addr.port == 80', sent(unspecified.subarray(0, 15)), false],
    ['sendto', 'addr.ip == "0.0.0.0/0"', sent(unspecified.subarray(0, 15)), false],
    ['bind', 'addr.port == 80', { deep: [undefined, unspecified] }, true],
    ['connect', 'addr.port == 80', { deep: [undefined, unspecified] }, false],
    ['connect', 'addr.ip == "0.0.0.0/0"', { deep: [undefined, unspecified] }, false],
    ['openat2', 'resolve == 0 && how.flags == O_RDWR', { deep: [undefined, undefined, bytes('\x02')] }, true],
  ])('%s: %s', (syscall, when, facts, wanted) => {
    expect(holds(syscall, when, facts)).toBe(wanted);
  });

  it('looks at no bits that the kernel does not look at', () => {
    const dirty = 0x1_0000_0001n;
    expect(holds('write', 'fd == 1', args(dirty))).toBe(true);
    expect(holds('writev', 'fd == 1', args(dirty))).toBe(true);
    expect(holds('pwritev2', 'fd == 1', args(dirty))).toBe(true);
    expect(holds('mmap', 'fd == -1', args(0n, 0n, 0n, 0n, 0xffff_ffffn))).toBe(true);
    expect(holds('ptrace', 'pid == 1', args(16n, dirty))).toBe(true);
    expect(holds('sys_clone', 'clone_flags & ~CLONE_IO', args(0x8000_0000n))).toBe(false);
    expect(holds('sys_clone', 'clone_flags & ~CLONE_IO', args(0x100n))).toBe(true);
    expect(holds('lseek', 'offset & ~0x8000000000000000', args(0n, 1n << 63n))).toBe(false);
  });

  it('takes an order of what may be absent for a question whether it is there', () => {
    const unix = Uint8Array.from([1, 0, 0x2f, 0]);
    const inet = Uint8Array.from([2, 0, 0, 53, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(holds('connect', 'addr.port >= 0', { args: args(0n).args, deep: [undefined, unix] })).toBe(false);
    expect(holds('connect', 'addr.port >= 0', { args: args(0n).args, deep: [undefined, inet] })).toBe(true);
  });

  it('has the constants of its arch', () => {
    expect(holds('openat', 'flags & O_CREAT', args(0n, 0n, 0x100n), 'mips')).toBe(true);
    expect(holds('openat', 'flags & O_CREAT', args(0n, 0n, 0x40n), 'mips')).toBe(false);
  });

  it('puts a value together that takes two registers, the first of them even', () => {
    const whole = 'pos == 0x100000002';
    expect(holds('pread64', whole, args(0n, 0n, 0n, 9n, 2n, 1n), 'arm')).toBe(true);
    expect(holds('pread64', whole, args(0n, 0n, 0n, 9n, 2n, 1n), 'mipsel')).toBe(true);
    expect(holds('pread64', whole, args(0n, 0n, 0n, 9n, 1n, 2n), 'mips')).toBe(true);
    expect(holds('pread64', whole, args(0n, 0n, 0n, 0x1_0000_0002n), 'x86_64')).toBe(true);
  });
});

describe('what is wrong with an expression is said where it is', () => {
  it.each<[string, string, number, RegExp]>([
    ['openat', 'flags & O_CRAET', 8, /no constant `O_CRAET`; did you mean `O_CREAT`/],
    ['openat', 'flgas == 1', 0, /openat has no `flgas`; did you mean `flags`/],
    ['open', 'dfd == 1', 0, /family open has no `dfd`/],
    ['openat', 'path == 1', 8, /`path` is a string/],
    ['openat', 'flags == "x"', 9, /`flags` is a number/],
    ['openat', 'flags ~ "x"', 0, /bits are tested with &/],
    ['openat', 'path < "x"', 5, /strings know/],
    ['openat', 'path', 0, /neither true nor false/],
    ['openat', 'flags == 0x100000000', 9, /out of range.*-2147483648 to 2147483647/],
    ['close', 'fd == -1', 6, /out of range.*as 32 unsigned bits it is 0xffffffff/],
    ['openat', 'flags & 3 == 4', 13, /never equal/],
    ['close', 'fd < 0', 5, /never true: `fd` goes from 0 to 4294967295/],
    ['close', '0 > fd', 0, /never true/],
    ['close', 'fd >= 0', 6, /always true/],
    ['openat', 'flags & 3 > 3', 12, /never true: a value masked by 0x3 goes from 0 to 3/],
    ['openat', 'flags & 3 <= 3', 13, /always true/],
    ['connect', 'addr.port > 65535', 12, /never true/],
    ['openat', 'flags & o_creat', 8, /did you mean `O_CREAT`/],
    ['openat', 'flags & 0x100000000', 8, /more bits than `flags`/],
    ['openat', 'flags + 1 == 2', 6, /is for constants/],
    ['openat', 'flags == mode', 9, /compared with a constant/],
    ['openat', '1 == 1 && flags == 1 == 1', 21, /do not chain/],
    ['openat', 'flags = 1', 6, /equality is ==/],
    ['openat', "path == 'x'", 8, /double quotes/],
    ['openat', 'path == "x', 8, /does not end/],
    ['openat', 'path == "\\q"', 9, /no escape/],
    ['openat', 'path == "\\x00"', 8, /can hold \\x00/],
    ['openat', 'flags == 017', 9, /starts with 0o/],
    ['openat', 'flags == 99999999999999999999', 9, /more than 64 bits/],
    ['openat', '(flags == 1', 11, /expected `\)`/],
    ['openat', 'flags in 1', 9, /a set/],
    ['openat', 'flags == 1 << 64', 14, /from 0 to 63/],
    ['exec', 'argv == "x"', 0, /argv\[1\]/],
    ['exec', 'argv[x] == "x"', 5, /expected a number/],
    ['connect', 'addr.ip == "10.0.0.1/8"', 11, /bits behind the first 8/],
    ['connect', 'addr.ip == "here"', 11, /expected an address/],
    ['read', 'buf == 1', 0, /cannot be asked for/],
    ['openat', `${'('.repeat(80)}1${')'.repeat(80)}`, 60, /nested too deeply/],
  ])('%s: %s', (syscall, when, at, message) => {
    const result = checkPolicy(policyOf([{ syscall, when, action: 'deny' }]), 'x86_64');
    expect(result).toMatchObject({ ok: false, problems: [{ path: ['rules', 0, 'when'], character: at }] });
    expect(result.ok ? '' : result.problems[0]?.text).toMatch(message);
  });
});

it('a pattern means what shells mean, but for slashes', () => {
  expect(globHolds(bytes('/etc/*'), bytes('/etc/a/b'))).toBe(true);
  expect(globHolds(bytes('\\*'), bytes('a'))).toBe(false);
  expect(globHolds(bytes('a*b*c'), bytes('aXbYbc'))).toBe(true);
});
