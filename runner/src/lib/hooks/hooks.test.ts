import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../errors.ts';
import { ARCHES, type Arch } from '../ids.ts';
import { projectRoot } from '../project.ts';
import { parsePlacedYaml } from '../yaml-file.ts';
import { hooksFileSchema, hooksForJob } from './index.ts';
import { checkHooksOn } from './load.ts';
import { COMM_BYTES, HOOK_BYTES, HOOK_OFFSETS, UAPI } from './uapi.ts';

const file = (hooks: string) => parsePlacedYaml('h.yaml', `hooks:\n  - ${hooks}\n`, hooksFileSchema);

function partsOn(arch: Arch, hooks: string) {
  const yaml = file(hooks);
  const [hook] = checkHooksOn(yaml, yaml.value.hooks, ['hooks'], [arch]).get(arch) ?? [];
  return hook?.parts ?? [];
}

function binaryOn(arch: Arch, hooks: string) {
  const [part] = partsOn(arch, hooks);
  if (!part) throw new Error('no hook came of it');
  return part.binary;
}

/** What is wrong, on every arch. */
function failure(hooks: string, arches: readonly Arch[] = ARCHES): string {
  const yaml = file(hooks);
  try {
    checkHooksOn(yaml, yaml.value.hooks, ['hooks'], arches);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return '';
}

describe('a hook on calls', () => {
  it('declares their arguments as the kernel takes them', () => {
    const { SIGNED, PAIR } = { SIGNED: UAPI.PF_PARAMETER_SIGNED, PAIR: UAPI.PF_PARAMETER_PAIR };
    const openat = binaryOn('x86_64', '{ on: call, syscall: sys_openat }');
    expect(openat).toMatchObject({ kind: UAPI.PF_CALL, number: 257, abi: 0xc000003e, flags: UAPI.PF_RECORD });
    expect(openat.parameters).toEqual([
      { place: 0, bytes: 4, flags: SIGNED },
      { place: 1, bytes: 8, flags: 0 },
      { place: 2, bytes: 4, flags: SIGNED },
      { place: 3, bytes: 2, flags: 0 },
    ]);
    const pread = { place: 4, bytes: 8, flags: SIGNED | PAIR };
    for (const arch of ['arm', 'mips', 'mipsel'] as const)
      expect(binaryOn(arch, '{ on: call, syscall: pread64 }').parameters[3], arch).toEqual(pread);
    expect(binaryOn('arm64', '{ on: call, syscall: pread64 }').parameters[3]).toEqual({
      ...{ place: 3, bytes: 8, flags: SIGNED },
    });
  });

  it('is one for each call of a list or a family, as far as the arch has them', () => {
    const names = (arch: Arch, syscall: string) =>
      partsOn(arch, `{ on: return, syscall: ${syscall} }`).map(({ call }) => call);
    expect(names('x86_64', 'open')).toEqual(['open', 'creat', 'openat', 'openat2']);
    expect(names('arm64', 'open')).toEqual(['openat', 'openat2']);
    expect(names('arm64', '[sys_open, close]')).toEqual(['close']);
    expect(names('arm64', 'sys_open')).toEqual([]);
  });

  it('on all of them takes any number and any ABI, and knows no arguments', () => {
    const all = binaryOn('mips', '{ on: call, syscall: all, comm: victim, when: vpid == 2 }');
    expect(all).toMatchObject({ number: -1, abi: 0, comm: 'victim', parameters: [] });
  });

  it('has its flags, priority and deed', () => {
    const [scoped, kept, helpers] = ['in', 'kept', 'kept-with-helpers'].map(
      (scope) => binaryOn('arm', `{ on: fork, scope: ${scope}, priority: -3 }`).flags,
    );
    const later = UAPI.PF_RECORD | UAPI.PF_SCOPED | UAPI.PF_SCOPE_LATER;
    expect(scoped).toBe(later);
    expect(kept).toBe(later | UAPI.PF_SCOPE_KEPT);
    expect(helpers).toBe(later | UAPI.PF_SCOPE_KEPT | UAPI.PF_SCOPE_HELPERS);
    expect(binaryOn('arm', '{ on: exit, priority: -3 }').priority).toBe(-3);
    const on = (arch: Arch, rest: string) => binaryOn(arch, `{ record: false, ${rest} }`);
    expect(on('mips', 'on: call, syscall: close, do: { fail: EOPNOTSUPP }')).toMatchObject({
      ...{ deed: UAPI.PF_DO_FAIL, index: 0, value: 122n, flags: 0 },
    });
    expect(
      on('x86_64', 'on: call, syscall: sys_openat, do: { set: flags, to: "O_RDONLY | O_CLOEXEC" }'),
    ).toMatchObject({
      ...{ deed: UAPI.PF_DO_SET_ARGUMENT, index: 2, value: 0x80000n },
    });
    expect(on('arm', 'on: fork, do: { hold: 500us, one-in: 3, seed: 7 }')).toMatchObject({
      ...{ deed: UAPI.PF_DO_HOLD, value: 500_000n, oneIn: 3, seed: 7n },
    });
    expect(on('arm', 'on: exec, do: yield')).toMatchObject({
      deed: UAPI.PF_DO_YIELD,
      oneIn: 0,
      seed: undefined,
    });
    expect(on('arm', 'on: exec, do: { yield: true, seed: "18446744073709551615" }').seed).toBe(
      (1n << 64n) - 1n,
    );
    expect(on('arm', 'on: return, syscall: close, do: { nice: -20 }')).toMatchObject({ value: -20n });
    expect(on('arm', 'on: return, syscall: close, do: { result: -EPERM }')).toMatchObject({
      ...{ deed: UAPI.PF_DO_SET_RESULT, value: -1n },
    });
  });
});

it('docs/hooks.md has hooks that every arch takes', () => {
  const text = readFileSync(path.join(projectRoot, 'docs/hooks.md'), 'utf8');
  const block = /```yaml\n(hooks:\n.*?)```/s.exec(text)?.[1] ?? '';
  const yaml = parsePlacedYaml('docs/hooks.md', block, hooksFileSchema);
  expect(yaml.value.hooks.length).toBeGreaterThan(2);
  expect(checkHooksOn(yaml, yaml.value.hooks, ['hooks']).size).toBe(ARCHES.length);
});

it('the bytes of a job are a struct in the byte order of its arch', () => {
  const [hook] = file('{ on: signal, comm: init, priority: 258, when: signal == SIGKILL }').value.hooks;
  if (!hook) throw new Error('it has one');
  for (const arch of ['mips', 'mipsel'] as const) {
    const [[word = ''] = []] = hooksForJob([hook], arch, '7');
    const bytes = Buffer.from(word, 'base64');
    const big = arch === 'mips';
    const at = (offset: number) => (big ? bytes.readUInt32BE(offset) : bytes.readUInt32LE(offset));
    expect(at(HOOK_OFFSETS.version)).toBe(UAPI.PF_VERSION);
    expect(at(HOOK_OFFSETS.priority)).toBe(258);
    expect(bytes.toString('latin1', HOOK_OFFSETS.comm, HOOK_OFFSETS.comm + COMM_BYTES)).toBe(
      `init${'\0'.repeat(12)}`,
    );
    const length = at(HOOK_OFFSETS.length);
    expect(bytes.length).toBe(HOOK_BYTES + length * 8);
    expect(length).toBe(6);
  }
});

describe('what is wrong with hooks is said by line and column', () => {
  it.each([
    ['{ on: call }', '2:5: hooks.0: a hook on call needs `syscall`: a call, a list of them, or all'],
    ['{ on: exec, syscall: close }', '2:26: hooks.0.syscall: a hook on exec is about no call'],
    [
      '{ on: call, syscall: opennat }',
      'hooks.0.syscall: there is no system call `opennat`; did you mean `openat`?',
    ],
    ['{ on: call, syscall: [close, all] }', 'hooks.0.syscall.1: `all` stands alone, in no list'],
    ['{ on: call, syscall: close, when: fx == 1 }', '2:39: hooks.0.when: close has no `fx`'],
    ['{ on: call, syscall: close, when: fd == 1 && path }', 'close has no `path`'],
    [
      `{ on: call, syscall: sys_openat, when: 'path ~ "/etc/*"' }`,
      "2:45: hooks.0.when: `path` cannot be asked for: it lies behind a pointer, and the kernel's filter sees registers only",
    ],
    [
      `{ on: call, syscall: exec, when: 'argv[1] == "x"' }`,
      'registers only; what was executed is told by a hook on exec',
    ],
    [
      '{ on: call, syscall: kill, when: pid == 3 }',
      '`pid` cannot be asked for: it is an argument of this call, and its caller has one too: write `arg.pid` or `caller.pid`',
    ],
    ['{ on: call, syscall: close, when: result == 0 }', 'close has no `result`'],
    ['{ on: return, syscall: close, when: result == ENOSUCH }', 'there is no constant `ENOSUCH`'],
    ['{ on: exit, when: code == 0 }', 'exit has no `code`'],
    ['{ on: exit, when: leads > 256 }', '256 is out of range'],
    ['{ on: exit, when: 1 == 2 }', 'hooks.0.when: it never holds'],
    ['{ on: call, syscall: creat, when: flags == 0 }', ''],
    ['{ on: fork, record: false }', 'hooks.0.record: without a record and without `do` it does nothing'],
    ['{ on: fork, comm: longer-than-a-comm }', 'a name of 1 to 15 characters'],
    ['{ on: fork, do: { fail: EPERM } }', 'hooks.0.do.fail: only a hook on call can have it fail'],
    ['{ on: call, syscall: close, do: { fail: EPREM } }', 'there is no error `EPREM`; did you mean `EPERM`?'],
    ['{ on: call, syscall: close, do: { result: 0 } }', 'only a hook on return has a result to set'],
    [
      '{ on: call, syscall: all, do: { set: fd, to: 0 } }',
      'arguments have names where `syscall` says which calls',
    ],
    ['{ on: call, syscall: close, do: { set: df, to: 0 } }', 'close has no argument `df`; there are fd'],
    ['{ on: call, syscall: close, do: { set: fd, to: "1 +" } }', 'hooks.0.do.to: expected'],
    ['{ on: call, syscall: close, do: { set: fd, to: "flags" } }', '`flags` is no constant'],
    [
      '{ on: call, syscall: close, do: { set: fd, to: -1 } }',
      '-1 is out of range: `fd` of close goes from 0 to 4294967295',
    ],
    ['{ on: exit, do: yield }', 'hooks.0.do: who ends, or is sent a signal, cannot be held'],
    ['{ on: fork, do: { hold: 2s } }', 'hooks.0.do.hold: at most a second'],
    ['{ on: fork, do: { hold: 2 } }', 'hooks.0.do'],
    ['{ on: fork, do: { nice: 20 } }', 'hooks.0.do.nice: '],
    ['{ on: call, syscall: close, do: { fail: EPERM, seed: 1 } }', 'unknown key `seed`'],
    ['{ on: call, syscall: close, do: { fial: EPERM } }', 'unknown key `fial`'],
    ['{ on: clal, syscall: close }', 'hooks.0.on'],
  ])('%s', (hooks, text) => {
    const message = (() => {
      try {
        return failure(hooks);
      } catch (error) {
        if (error instanceof UserError) return error.message;
        throw error;
      }
    })();
    expect(message).toContain(text);
  });

  it('and of which arches it is true', () => {
    expect(failure('{ on: return, syscall: close, do: { result: 0x100000000 } }')).toContain(
      'on arm, mips, mipsel: 4294967296 is out of range: a result goes from',
    );
  });

  it('a program that is too long is told', () => {
    const set = Array.from({ length: 600 }, (_, at) => at * 7).join(', ');
    expect(failure(`{ on: call, syscall: close, when: 'fd in {${set}}' }`)).toMatch(
      /its program for close has 950 instructions, and 512 is what a hook takes/,
    );
  });
});
