import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARCHES, type Arch } from '../ids.ts';
import { complaintAbout, encodeData, interpret } from './bpf.ts';
import { compile, returnOf } from './compile.ts';
import { evaluate } from './evaluate.ts';
import { argumentsOn, callsWithScalars, checked, expressionFor, policyOf } from './testing.ts';

/** The compiled program and the expression itself give the same answer. */

const ERRORS = ['EPERM', 'EACCES', 'ENOENT', 'EBUSY', 'ENODEV', 'EINVAL'];

interface Example {
  rules: { syscall: string; when: string; action: { errno: string } }[];
  calls: { name: string; args: bigint[] }[];
}

/** Several rules for several calls, and calls to try them with. */
function exampleOn(arch: Arch): fc.Arbitrary<Example> {
  const all = callsWithScalars(arch);
  return fc.shuffledSubarray(all, { minLength: 1, maxLength: 4 }).chain((chosen) => {
    const rule = fc.constantFrom(...chosen).chain((call) =>
      fc.record({
        syscall: fc.constant(`sys_${call.name}`),
        when: expressionFor(call, arch),
        action: fc.record({ errno: fc.constantFrom(...ERRORS) }),
      }),
    );
    const name = fc.constantFrom(...chosen, ...all.slice(0, 2)).map((call) => call.name);
    return fc.record({
      rules: fc.array(rule, { minLength: 1, maxLength: 6 }),
      calls: fc.array(fc.record({ name, args: argumentsOn(arch) }), { minLength: 4, maxLength: 8 }),
    });
  });
}

describe.each(ARCHES)('on %s', (arch) => {
  it('a program returns what its rules say, for random rules and arguments', () => {
    fc.assert(
      fc.property(exampleOn(arch), ({ rules, calls }) => {
        const policy = checked(policyOf(rules), arch);
        const program = compile(policy);
        expect(complaintAbout(program)).toBeUndefined();
        for (const { name, args } of calls) {
          const call = policy.calls.find((one) => one.name === name);
          const step = call?.steps.find(({ when }) => evaluate(when, { args }, policy.bigEndian));
          const action = step === undefined ? policy.fallback : policy.actions[step.rule];
          const number = call?.number ?? 0x3fff_fff0;
          const data = encodeData({ number, arch: policy.audit, args }, policy.bigEndian);
          expect(interpret(program, data, policy.bigEndian)).toBe(action && returnOf(action) >>> 0);
        }
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});
