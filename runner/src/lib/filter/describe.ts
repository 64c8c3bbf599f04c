import { compile, MOST_FOR_IMAGE, type Verdict } from './compile.ts';
import type { CheckedPolicy } from './policy.ts';
import { isDecidedByKernel } from './split.ts';

/** What a policy comes to on one arch, for a reader: which rules the kernel decides, which the warden. */
export function describePolicy(policy: CheckedPolicy): string[] {
  const lines = policy.actions.map((action, rule) => {
    const calls = policy.calls.flatMap(({ name, steps }) =>
      steps.filter((step) => step.rule === rule).map(({ when }) => ({ name, when })),
    );
    const names = (kernel: boolean): string =>
      calls
        .filter(({ when }) => isDecidedByKernel(when) === kernel)
        .map(({ name }) => name)
        .join(', ');
    const parts = [
      ...(names(true) ? [`the kernel decides ${names(true)}`] : []),
      ...(names(false) ? [`the warden decides ${names(false)}`] : []),
    ];
    const line = policy.lines[rule] ?? 0;
    const where = line === 0 ? 'because of the others' : `line ${line}`;
    return `  ${where}: ${verdictText(action)}: ${parts.join('; ') || 'no call: it is never reached'}`;
  });
  const size = `${compile(policy).length} of ${MOST_FOR_IMAGE} instructions`;
  return [`${policy.arch}: ${size}; by default ${verdictText(policy.fallback)}`, ...lines];
}

function verdictText(verdict: Verdict): string {
  return verdict.kind === 'errno' ? `errno ${verdict.error}` : verdict.kind;
}
