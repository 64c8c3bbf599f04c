import fc from 'fast-check';
import { complaintAbout, encodeData, type Instruction, interpret, RET } from '../../../src/lib/filter/bpf.ts';
import { type CallRules, compile, type Verdict } from '../../../src/lib/filter/compile.ts';
import { evaluate } from '../../../src/lib/filter/evaluate.ts';
import { metadataOf } from '../../../src/lib/filter/metadata/index.ts';
import type { CheckedPolicy } from '../../../src/lib/filter/policy.ts';
import {
  argumentsOn,
  callsWithScalars,
  checked,
  expressionFor,
  policyOf,
} from '../../../src/lib/filter/testing.ts';
import { TRUE, tests } from '../../../src/lib/filter/typed.ts';
import type { Arch } from '../../../src/lib/ids.ts';

/** Programs for the kernel to run, and what the expressions that they come from say. */

const SEED = 20_260_101;
const PROGRAMS = 60;
const CALLS = 14;
/** An errno for each rule, and one for no rule, none of which a kernel gives by itself. */
const RULE_ERRNO = 2000;
const NO_RULE = 1999;
const X32 = 0x4000_0000;

export interface Call {
  number: number;
  args: bigint[];
  indirect: boolean;
  /** What the expression itself says. */
  wanted: number;
  /** What the interpreter says. */
  interpreted: number;
}

export interface Program {
  code: Instruction[];
  calls: Call[];
  /** For whoever has to look into it. */
  rules: string[];
}

export function randomPrograms(arch: Arch): Program[] {
  // Its answer has to come through.
  const all = callsWithScalars(arch).filter(({ name }) => name !== 'exit_group' && name !== 'exit');
  const one = fc.shuffledSubarray(all, { minLength: 2, maxLength: 8 }).chain((chosen) => {
    const rule = fc
      .constantFrom(...chosen)
      .chain((call) => fc.record({ name: fc.constant(call.name), when: expressionFor(call, arch) }));
    const call = fc.record({
      name: fc.constantFrom(...chosen).map(({ name }) => name),
      args: argumentsOn(arch),
      way: fc.integer({ min: 0, max: 9 }),
    });
    return fc.record({
      rules: fc.array(rule, { minLength: 4, maxLength: 10 }),
      calls: fc.array(call, { minLength: CALLS, maxLength: CALLS }),
    });
  });
  return fc.sample(one, { seed: SEED, numRuns: PROGRAMS }).map(({ rules, calls }) => {
    const policy = withErrnos(
      checked(
        policyOf(rules.map(({ name, when }) => ({ syscall: `sys_${name}`, when, action: 'deny' as const }))),
        arch,
      ),
      arch,
    );
    const code = compile(policy);
    const complaint = complaintAbout(code);
    if (complaint !== undefined) throw new Error(complaint);
    return {
      code,
      calls: calls.map((call) => callOn(policy, code, call)),
      rules: rules.map(({ name, when }) => `${name}: ${when}`),
    };
  });
}

function withErrnos(policy: CheckedPolicy, arch: Arch): CheckedPolicy {
  const errno = (_: Verdict, at: number): Verdict => ({ kind: 'errno', error: RULE_ERRNO + at });
  const leave = metadataOf(arch).syscalls.get('exit_group')?.number ?? 0;
  const out = policy.actions.length;
  const calls: CallRules[] = [...policy.calls, { number: leave, steps: [{ rule: out, when: TRUE }] }];
  return {
    ...policy,
    actions: [...policy.actions.map(errno), { kind: 'allow' }],
    fallback: { kind: 'errno', error: NO_RULE },
    calls: calls.map((call) => ({ name: '', ...call })),
  };
}

interface Drawn {
  name: string;
  args: bigint[];
  way: number;
}

function callOn(policy: CheckedPolicy, code: Instruction[], { name, args, way }: Drawn): Call {
  const { arch, bigEndian } = policy;
  const own = metadataOf(arch).syscalls.get(name)?.number ?? 0;
  const alien = arch === 'x86_64' && way === 0;
  const number = alien ? own | X32 : own;
  const steps = policy.calls.find((call) => call.number === own)?.steps ?? [];
  const step = steps.find(({ when }) => evaluate(when, { args }, bigEndian));
  const bySteps = step === undefined ? NO_RULE : RULE_ERRNO + step.rule;
  const data = encodeData({ number, arch: policy.audit, args }, bigEndian);
  return {
    ...{ number, args },
    // The sixth does not get through syscall(2), which has room for seven words.
    indirect: (arch === 'mips' || arch === 'mipsel') && way < 2 && !steps.some(asksForSixth),
    wanted: alien ? policy.enosys : bySteps,
    interpreted: interpret(code, data, bigEndian) - RET.errno,
  };
}

const asksForSixth = ({ when }: CallRules['steps'][number]): boolean =>
  tests(when).some(({ field }) => field.kind === 'arg' && Math.max(field.low, field.high ?? 0) === 5);

/** As the C program has them. */
export function programsHeader(programs: readonly Program[], bits: 32 | 64): string {
  const parts = programs.map(({ code, calls }, at) => {
    const lines = code.map(({ code: op, jt, jf, k }) => `{ ${op}, ${jt}, ${jf}, ${k}u },`).join('\n');
    const made = calls.map(({ indirect, number, args }) => {
      const words = args.map((arg) => `${BigInt.asUintN(bits, arg)}u${bits === 64 ? 'l' : ''}`).join(', ');
      return `{ ${indirect ? 1 : 0}, ${number}, { ${words} } },`;
    });
    return `static const struct sock_filter code_${at}[] = {\n${lines}\n};\nstatic const struct call calls_${at}[] = {\n${made.join('\n')}\n};\n`;
  });
  const list = programs.map(
    ({ code, calls }, at) => `{ code_${at}, ${code.length}, calls_${at}, ${calls.length} },`,
  );
  return `${parts.join('')}static const struct program programs[] = {\n${list.join('\n')}\n};\n`;
}
