import { UserError } from '../errors.ts';
import { ARCHES, type Arch } from '../ids.ts';
import { type PlacedProblem, type PlacedYaml, readPlacedYaml } from '../yaml-file.ts';
import { encodeImage } from './image.ts';
import { onArches } from './on-arches.ts';
import { type CheckedPolicy, checkPolicy, type PolicyProblem } from './policy.ts';
import { type Policy, type PolicyFile, policySchema } from './policy-schema.ts';

/** Policies of files, with everything that is wrong with them said in the file's own lines and columns. */

/** A policy that was read, and the means to speak of it. */
export interface PlacedPolicy {
  policy: Policy;
  complain(problems: readonly PolicyProblem[]): UserError;
  describe(problems: readonly PolicyProblem[]): string[];
}

export async function readPolicy(file: string): Promise<PlacedPolicy> {
  const yaml = await readPlacedYaml(file, policySchema);
  return placePolicy(yaml, yaml.value, []);
}

/** The policy that stands at a key of a file. */
export function placePolicy<T>(yaml: PlacedYaml<T>, value: PolicyFile, key: readonly string[]): PlacedPolicy {
  const lines = value.rules.map((_, index) => yaml.lineOf([...key, 'rules', index]));
  const placed = (problems: readonly PolicyProblem[]): PlacedProblem[] =>
    problems.map((problem) => ({ ...problem, path: [...key, ...problem.path] }));
  return {
    policy: { ...value, lines },
    complain: (problems) => yaml.complain(placed(problems)),
    describe: (problems) => yaml.describe(placed(problems)),
  };
}

/** The policy for each arch; a UserError says what is wrong on any of them. */
export function checkOn(placed: PlacedPolicy, arches: readonly Arch[] = ARCHES): Map<Arch, CheckedPolicy> {
  return onArches(
    arches,
    (arch) => {
      const result = checkPolicy(placed.policy, arch);
      if (!result.ok) return result;
      const problems = tooMuch(result.policy);
      return problems.length > 0 ? { ok: false, problems } : { ok: true, value: result.policy };
    },
    placed.complain,
  );
}

function tooMuch(policy: CheckedPolicy): PolicyProblem[] {
  try {
    encodeImage(policy);
    return [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ path: ['rules'], text: error.message }];
  }
}

/** The image of a policy that was checked before. */
export function imageFor(policy: Policy, arch: Arch): Buffer {
  const result = checkPolicy(policy, arch);
  if (result.ok) return encodeImage(result.policy);
  const text = result.problems.map((problem) => problem.text).join('; ');
  throw new UserError(`the policy does not compile for ${arch}: ${text}`, { code: 'bad-policy' });
}
