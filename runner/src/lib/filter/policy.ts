import type { Arch } from '../ids.ts';
import { callsNamed } from './calls.ts';
import { checkExpression } from './check.ts';
import { compile, MOST_FOR_IMAGE, type Rules, type Verdict } from './compile.ts';
import { errorNamed } from './error-names.ts';
import { CALL_PREFIX, DETOURS, FAMILIES, familyNamed } from './families.ts';
import type { Meaning } from './fields.ts';
import { isMutable, type Metadata, metadataOf, type Syscall } from './metadata/index.ts';
import { parseExpression } from './parser.ts';
import type { Action, Policy } from './policy-schema.ts';
import { ExpressionError } from './problem.ts';
import { isScalar, TRUE, type Typed, tests } from './typed.ts';

/** A policy, checked for one arch: rules by system call, in order. */
export interface CheckedPolicy extends Rules {
  arch: Arch;
  calls: readonly CheckedCall[];
  /** The line of each rule; 0 for those that no one wrote (DETOURS). */
  lines: readonly number[];
  warnings: readonly PolicyProblem[];
}

export interface CheckedCall {
  name: string;
  number: number;
  steps: readonly { rule: number; when: Typed }[];
}

/** Something to tell the writer, at a key of the policy and, in an expression, at a character. */
export interface PolicyProblem {
  path: readonly (string | number)[];
  character?: number;
  text: string;
}

export type Checked = { ok: true; policy: CheckedPolicy } | { ok: false; problems: PolicyProblem[] };

/** A number with this bit is x32's, which has a table of its own. */
const X32_BIT = 0x4000_0000;
const EPERM = 1;

export function checkPolicy(policy: Policy, arch: Arch): Checked {
  const checker = new Checker(policy, metadataOf(arch));
  return checker.run();
}

class Checker {
  readonly #policy: Policy;
  readonly #metadata: Metadata;
  readonly #problems: PolicyProblem[] = [];
  readonly #warnings: PolicyProblem[] = [];
  /** By number: some calls have two names. */
  readonly #calls = new Map<number, { call: Syscall; steps: { rule: number; when: Typed }[] }>();

  constructor(policy: Policy, metadata: Metadata) {
    this.#policy = policy;
    this.#metadata = metadata;
  }

  run(): Checked {
    const { rules, lines } = this.#policy;
    const fallback = this.#verdict(this.#policy.default, ['default']);
    const actions = rules.map((rule, index) => this.#verdict(rule.action, ['rules', index, 'action']));
    for (const index of rules.keys()) this.#addRule(index);
    if (this.#problems.length > 0) return { ok: false, problems: this.#problems };
    const detours = fallback.kind === 'allow' ? this.#closeDetours(actions) : 0;
    const policy: CheckedPolicy = {
      arch: this.#metadata.arch,
      audit: this.#metadata.audit,
      alienBit: this.#metadata.arch === 'x86_64' ? X32_BIT : 0,
      enosys: Number(this.#metadata.constants.get('ENOSYS') ?? 38n),
      bigEndian: this.#metadata.bigEndian,
      fallback,
      actions,
      calls: [...this.#calls.values()]
        .map(({ call, steps }) => ({ name: call.name, number: call.number, steps }))
        .sort((a, b) => a.number - b.number),
      lines: [...lines, ...Array.from({ length: detours }, () => 0)],
      warnings: this.#warnings,
    };
    const tooLong = overflow(policy);
    return tooLong ? { ok: false, problems: [tooLong] } : { ok: true, policy };
  }

  #verdict(action: Action, path: PolicyProblem['path']): Verdict {
    if (action === 'allow' || action === 'kill') return { kind: action };
    if (action === 'deny') return { kind: 'errno', error: EPERM };
    const found = errorNamed(action.errno, this.#metadata);
    if (found.ok) return { kind: 'errno', error: found.number };
    this.#problems.push({ path: [...path, 'errno'], text: found.problem });
    return { kind: 'errno', error: EPERM };
  }

  #addRule(index: number): void {
    const { syscall } = this.#policy.rules[index] ?? { syscall: [] };
    const several = typeof syscall !== 'string';
    const names = several ? syscall : [syscall];
    for (const [at, name] of names.entries()) {
      const path = ['rules', index, 'syscall', ...(several ? [at] : [])];
      const found = callsNamed(name, this.#metadata);
      if (!found.ok) this.#problems.push({ path, text: found.problem });
      else for (const { call, fields, shown } of found.calls) this.#addStep(index, call, fields, shown);
    }
    this.#warnOfRelatives(index, names);
  }

  #addStep(rule: number, call: Syscall, fields: ReadonlyMap<string, Meaning>, shown: string): void {
    const entry = this.#calls.get(call.number) ?? { call, steps: [] };
    this.#calls.set(call.number, entry);
    const when = this.#condition(rule, call, fields, shown);
    // Behind a rule that always holds nothing is reached.
    if (entry.steps.some((step) => step.when.kind === 'constant')) return;
    if (when.kind === 'constant' && !when.value) return;
    entry.steps.push({ rule, when });
  }

  #condition(rule: number, call: Syscall, fields: ReadonlyMap<string, Meaning>, shown: string): Typed {
    const text = this.#policy.rules[rule]?.when;
    if (text === undefined) return TRUE;
    const path = ['rules', rule, 'when'];
    try {
      const typed = checkExpression(parseExpression(text), { call: shown, metadata: this.#metadata, fields });
      this.#warnOfMutable(typed, call, path);
      return typed;
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      this.#note(this.#problems, { path, character: error.at, text: error.message });
      return TRUE;
    }
  }

  #note(list: PolicyProblem[], problem: PolicyProblem): void {
    const same = (one: PolicyProblem): boolean =>
      one.text === problem.text &&
      one.character === problem.character &&
      String(one.path) === String(problem.path);
    if (!list.some(same)) list.push(problem);
  }

  #warnOfMutable(typed: Typed, call: Syscall, path: PolicyProblem['path']): void {
    const { arch } = this.#metadata;
    const places = tests(typed).flatMap((test) =>
      isScalar(test) && test.field.kind === 'arg' ? [test.field.low, test.field.high ?? 0] : [],
    );
    if (!places.some((place) => isMutable(arch, place))) return;
    const text = `on ${arch} another thread can change an argument of ${call.name} from the fourth on after the kernel has taken it and before a filter sees it`;
    this.#note(this.#warnings, { path, text });
  }

  /** One call of a family is ruled by what its relatives can be told as well. */
  #warnOfRelatives(index: number, names: readonly string[]): void {
    const calls = names
      .map((name) => name.replace(CALL_PREFIX, ''))
      .filter((_, at) => !familyNamed(names[at] ?? ''));
    for (const family of FAMILIES) {
      if (names.includes(family.name)) continue;
      const ruled = calls.filter((call) => family.members.includes(call) && this.#asksDeep(call, index));
      const left = family.members.filter(
        (member) => this.#metadata.syscalls.has(member) && !calls.includes(member),
      );
      if (ruled.length === 0 || left.length === 0) continue;
      const text = `rules ${ruled.join(', ')} and leaves ${left.join(', ')} alone, which can do the same; \`${family.name}\` is all of them`;
      this.#note(this.#warnings, { path: ['rules', index, 'syscall'], text });
    }
  }

  #asksDeep(call: string, rule: number): boolean {
    const step = this.#ruled(call)?.steps.find((one) => one.rule === rule);
    return step !== undefined && tests(step.when).some((test) => !isScalar(test));
  }

  #ruled(name: string) {
    const call = this.#metadata.syscalls.get(name);
    return call && this.#calls.get(call.number);
  }

  /** Calls by which ruled ones can be made without being seen are refused, unless the policy rules them itself. */
  #closeDetours(actions: Verdict[]): number {
    let added = 0;
    for (const { call: name, error, reaches } of DETOURS) {
      const call = this.#metadata.syscalls.get(name);
      if (!call || this.#ruled(name) || !reaches.some((reached) => this.#ruled(reached))) continue;
      const number = Number(this.#metadata.constants.get(error) ?? 1n);
      this.#calls.set(call.number, { call, steps: [{ rule: actions.length, when: TRUE }] });
      actions.push({ kind: 'errno', error: number });
      added++;
    }
    return added;
  }
}

/** The first rule with which the program no longer fits. */
function overflow(policy: CheckedPolicy): PolicyProblem | undefined {
  const size = (rules: number): number => {
    const calls = policy.calls.map((call) => ({
      ...call,
      steps: call.steps.filter(({ rule }) => rule < rules),
    }));
    return compile({ ...policy, calls: calls.filter(({ steps }) => steps.length > 0) }).length;
  };
  const whole = size(policy.actions.length);
  if (whole <= MOST_FOR_IMAGE) return undefined;
  let fits = 0;
  let fails = policy.actions.length;
  while (fails - fits > 1) {
    const middle = (fits + fails) >> 1;
    if (size(middle) > MOST_FOR_IMAGE) fails = middle;
    else fits = middle;
  }
  const text = `with this rule the program for ${policy.arch} has ${size(fails)} instructions, and ${MOST_FOR_IMAGE} is what the kernel takes; shorten its sets, or let a call have its own rule`;
  return { path: ['rules', fails - 1, 'when'], text };
}
