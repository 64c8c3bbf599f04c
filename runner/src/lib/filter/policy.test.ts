import { describe, expect, it } from 'vitest';
import { UserError } from '../errors.ts';
import { ARCHES } from '../ids.ts';
import { parsePlacedYaml } from '../yaml-file.ts';
import { encodeData, interpret, RET } from './bpf.ts';
import { compile, MOST_FOR_IMAGE } from './compile.ts';
import { checkOn, placePolicy } from './load.ts';
import { checkPolicy } from './policy.ts';
import { type Policy, policySchema } from './policy-schema.ts';
import { checked, policyOf } from './testing.ts';

const deny = (syscall: string | string[], when?: string): Policy['rules'][number] => ({
  ...{ syscall, action: 'deny' },
  ...(when === undefined ? {} : { when }),
});

const callsOf = (rules: Policy['rules'], arch: (typeof ARCHES)[number]): string[] =>
  checked(policyOf(rules), arch).calls.map(({ name }) => name);

function answer(rules: Policy['rules'], number: number, ...args: bigint[]): number {
  const policy = checked(policyOf(rules), 'x86_64');
  return interpret(compile(policy), encodeData({ number, arch: policy.audit, args }, false), false);
}

describe('a policy', () => {
  it('rules every member of a family that the arch has', () => {
    expect(callsOf([deny('open')], 'x86_64')).toEqual([
      'open',
      'creat',
      'openat',
      'io_uring_setup',
      'openat2',
    ]);
    expect(callsOf([deny('open')], 'arm64')).toEqual(['openat', 'io_uring_setup', 'openat2']);
    expect(callsOf([deny('sys_open')], 'x86_64')).toEqual(['open', 'io_uring_setup']);
    expect(callsOf([deny('sys_open')], 'arm64')).toEqual([]);
  });

  it('closes the ways round what it rules, unless it rules them itself', () => {
    expect(callsOf([deny('connect')], 'mips')).toContain('socketcall');
    expect(callsOf([deny('connect')], 'arm')).not.toContain('socketcall');
    expect(callsOf([deny('shmget')], 'mipsel')).toContain('ipc');
    const own = checked(policyOf([deny('connect'), { syscall: 'socketcall', action: 'allow' }]), 'mips');
    expect(own.calls.find(({ name }) => name === 'socketcall')?.steps).toMatchObject([{ rule: 1 }]);
    expect(callsOf([deny('exec')], 'mips')).toEqual(['execve', 'execveat']);
    for (const call of ['write', 'pwritev2', 'fsync', 'poll'])
      expect(callsOf([deny(call)], 'x86_64'), call).toEqual(
        expect.arrayContaining(['io_submit', 'io_uring_setup']),
      );
    for (const call of ['setsockopt', 'ioctl', 'futex_waitv'])
      expect(callsOf([deny(call)], 'x86_64'), call).toContain('io_uring_setup');
    expect(callsOf([deny('arm_fadvise64_64')], 'arm')).toContain('io_uring_setup');
  });

  it('knows a call by its number, whatever it is called', () => {
    const rules = [deny('sync_file_range2', 'fd == 3'), deny('arm_sync_file_range', 'fd == 4')];
    const [first] = checked(policyOf(rules), 'arm').calls.filter(({ number }) => number === 341);
    expect(first?.steps.map(({ rule }) => rule)).toEqual([0, 1]);
    expect(callsOf(rules, 'arm').filter((name) => /sync_file/.test(name))).toHaveLength(1);
  });

  it('lets the first rule that holds decide, and asks where that lies behind a pointer', () => {
    const rules = [
      { ...deny('openat', 'flags & O_CREAT && path ~ "/etc/*"') },
      { syscall: 'openat', when: 'dfd == 7', action: { errno: 'EBUSY' } },
    ];
    expect(answer(rules, 257, 0n, 0n, 0x40n)).toBe(RET.ask);
    expect(answer(rules, 257, 0n, 0n, 0n)).toBe(RET.allow);
    expect(answer(rules, 257, 7n, 0n, 0n)).toBe(RET.errno | 16);
    expect(answer([deny('openat', 'dfd == 3 || path == "x"')], 257, 3n)).toBe(RET.errno | 1);
    expect(answer([deny('openat', 'dfd == 3 || path == "x"')], 257, 4n)).toBe(RET.ask);
    expect(answer([deny('openat', '!(dfd == 3 && path == "x")')], 257, 4n)).toBe(RET.errno | 1);
  });

  it('asks nobody where every answer would be the same', () => {
    expect(answer([{ syscall: 'openat', when: 'path == "x"', action: 'allow' }], 257)).toBe(RET.allow);
  });

  it('lets no other ABI pass as one of its calls', () => {
    const policy = checked(policyOf([deny('close')]), 'x86_64');
    const run = (number: number, arch: number): number =>
      interpret(compile(policy), encodeData({ number, arch, args: [] }, false), false);
    expect(run(39 | 0x4000_0000, policy.audit)).toBe(RET.errno | 38);
    expect(run(39, 0x4000_0003)).toBe(RET.errno | 38);
    expect(run(39, policy.audit)).toBe(RET.allow);
  });

  it('that is too long names the rule with which it got so', () => {
    const set = Array.from({ length: 300 }, (_, at) => at * 7).join(', ');
    const rules = ['read', 'write', 'close', 'lseek', 'fstat', 'fsync', 'ftruncate', 'fchdir', 'fchmod']
      .concat(['fchown', 'flock', 'fdatasync', 'pread64', 'pwrite64', 'ioctl'])
      .map((name) => deny(name, `fd in {${set}}`));
    const result = checkPolicy(policyOf(rules), 'x86_64');
    const text = new RegExp(`^with this rule the program .* and ${MOST_FOR_IMAGE} is`);
    expect(result).toMatchObject({
      ok: false,
      problems: [{ path: ['rules', 11, 'when'], text: expect.stringMatching(text) }],
    });
    expect(checkPolicy(policyOf(rules.slice(0, 11)), 'x86_64').ok).toBe(true);
  });

  it('warns of relatives, and of what can change on mips', () => {
    const warnings = (rules: Policy['rules'], arch: 'mips' | 'arm'): string =>
      checked(policyOf(rules), arch)
        .warnings.map(({ text }) => text)
        .join();
    expect(warnings([deny('openat', 'path == "x"')], 'arm')).toMatch(/leaves open, creat, openat2 alone/);
    expect(warnings([deny('openat', 'flags & 1')], 'arm')).toBe('');
    expect(warnings([deny('open', 'path == "x"')], 'arm')).toBe('');
    expect(warnings([deny('pread64', 'pos > 1')], 'mips')).toMatch(/another thread can change/);
    expect(warnings([deny('pread64', 'pos > 1')], 'arm')).toBe('');
  });
});

describe('what is wrong with a policy file is said by line and column', () => {
  function failure(text: string): string {
    try {
      const yaml = parsePlacedYaml('p.yaml', text, policySchema);
      checkOn(placePolicy(yaml, yaml.value, []));
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
    return '';
  }
  it.each<[string, string]>([
    ['rules:\n  - syscall: openat\n    when: flags & O_CRAET\n    action: deny\n', 'p.yaml:3:19: '],
    ['rules:\n  - { syscall: exec, when: \'argv[1] = "x"\', action: deny }\n', 'p.yaml:2:37: '],
    ['rules:\n  - { syscall: exec, when: "argv[0] == \\"a\\" && x == 1", action: deny }\n', 'p.yaml:2:49: '],
    [
      'rules:\n  - syscall: exec\n    when: >\n      argc == 3 &&\n      fd == 2\n    action: deny\n',
      'p.yaml:5:7: ',
    ],
    [
      'rules:\n  - { syscall: [exec, opneat], action: deny }\n',
      'p.yaml:2:23: rules.0.syscall.1: there is no',
    ],
    ['rules: [{ syscall: exec, action: { errno: EACESS } }]\n', 'p.yaml:1:43: '],
    [
      'rules: [{ syscall: exec, action: { errno: eacces } }]\n',
      'p.yaml:1:43: rules.0.action.errno: there is no error `eacces`; did you mean `EACCES`?',
    ],
    [
      'rules: [{ syscall: exec, action: { errno: EPOLLIN } }]\n',
      'p.yaml:1:43: rules.0.action.errno: there is no',
    ],
    [
      'rules: [{ syscall: exec, action: denny }]\n',
      'p.yaml:1:34: rules.0.action: an action is allow, deny, kill or { errno: NAME }; did you mean `deny`?',
    ],
    [
      'rules: [{ syscall: EXEC, action: deny }]\n',
      'p.yaml:1:20: rules.0.syscall: there is no system call `EXEC`; did you mean `exec`?',
    ],
    [
      'rules: [{ syscall: sys_oppenat, action: deny }]\n',
      'p.yaml:1:20: rules.0.syscall: there is no system call `sys_oppenat`; did you mean `sys_openat`?',
    ],
  ])('%s', (text, start) => {
    expect(failure(text).startsWith(start), failure(text)).toBe(true);
  });

  it('names the arches where it is wrong on some only', () => {
    expect(failure('rules:\n  - syscall: mmap\n    when: flags & MAP_32BIT\n    action: deny\n')).toMatch(
      /^p\.yaml:3:19: rules\.0\.when: on mips, mipsel, arm64: `MAP_32BIT` is a constant of other arches$/,
    );
    expect(ARCHES.length).toBeGreaterThan(3);
  });
});
