import { callsNamed, type NamedCall } from '../filter/calls.ts';
import { checkExpression } from '../filter/check.ts';
import type { Meaning } from '../filter/fields.ts';
import { type Metadata, metadataOf, type Syscall } from '../filter/metadata/index.ts';
import { parseExpression } from '../filter/parser.ts';
import { ExpressionError } from '../filter/problem.ts';
import { TRUE, type Typed } from '../filter/typed.ts';
import type { Arch } from '../ids.ts';
import type { PlacedProblem } from '../yaml-file.ts';
import { type CheckedDeed, checkDeed, NO_DEED } from './deeds.ts';
import { DECLARED_PLACES, hookFields, parametersOf } from './fields.ts';
import type { Hook } from './hook-schema.ts';
import { isAboutCalls, KINDS } from './kinds.ts';
import { compileCondition } from './program.ts';
import { type BinaryHook, UAPI } from './uapi.ts';

/** What one hook comes to on one arch: a hook of the module's for each call that it is about. */
export interface CheckedHook {
  /** Its place in the list as written, by which its events name it. */
  index: number;
  parts: readonly CheckedPart[];
}

export interface CheckedPart {
  /** The call, where it is about one. */
  call: string | undefined;
  when: Typed;
  binary: BinaryHook;
}

export type CheckedHooks = { ok: true; value: CheckedHook[] } | { ok: false; problems: PlacedProblem[] };

export const ALL_CALLS = 'all';

export function checkHooks(hooks: readonly Hook[], arch: Arch): CheckedHooks {
  const problems: PlacedProblem[] = [];
  const metadata = metadataOf(arch);
  const value = hooks.map((hook, index): CheckedHook => {
    const checker = new Checker(hook, metadata);
    const parts = checker.run();
    problems.push(...checker.problems.map((one) => ({ ...one, path: [index, ...one.path] })));
    return { index, parts };
  });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value };
}

/** A hook for one call, or with none for what else it is about. */
interface Target {
  call: Syscall | undefined;
  fields: ReadonlyMap<string, Meaning>;
  shown: string;
}

class Checker {
  readonly problems: PlacedProblem[] = [];
  readonly #hook: Hook;
  readonly #metadata: Metadata;

  constructor(hook: Hook, metadata: Metadata) {
    this.#hook = hook;
    this.#metadata = metadata;
  }

  run(): CheckedPart[] {
    this.#checkKeys();
    const targets = this.#targets();
    const parts = targets.map((target) => this.#part(target));
    const held = parts.filter(({ when }) => when.kind !== 'constant' || when.value);
    if (parts.length > 0 && held.length === 0) this.#note(['when'], 'it never holds');
    return held;
  }

  #note(path: PlacedProblem['path'], text: string, character?: number): void {
    const problem = character === undefined ? { path, text } : { path, text, character };
    // Several calls of a list may be wrong in the same way.
    if (!this.problems.some((one) => JSON.stringify(one) === JSON.stringify(problem)))
      this.problems.push(problem);
  }

  #checkKeys(): void {
    const { on, syscall, record, do: deed } = this.#hook;
    if (isAboutCalls(on) && syscall === undefined)
      this.#note([], `a hook on ${on} needs \`syscall\`: a call, a list of them, or ${ALL_CALLS}`);
    if (!isAboutCalls(on) && syscall !== undefined)
      this.#note(['syscall'], `a hook on ${on} is about no call`);
    if (!record && deed === undefined)
      this.#note(['record'], 'without a record and without `do` it does nothing');
  }

  #targets(): Target[] {
    const { on, syscall } = this.#hook;
    if (!isAboutCalls(on)) return [{ call: undefined, fields: hookFields(on), shown: on }];
    if (syscall === ALL_CALLS)
      return [{ call: undefined, fields: hookFields(on), shown: 'a hook on all calls' }];
    const names = typeof syscall === 'string' ? [syscall] : (syscall ?? []);
    return names.flatMap((name, at) => {
      const path = typeof syscall === 'string' ? ['syscall'] : ['syscall', at];
      const found = callsNamed(name, this.#metadata, DECLARED_PLACES);
      if (!found.ok) {
        this.#note(path, name === ALL_CALLS ? `\`${ALL_CALLS}\` stands alone, in no list` : found.problem);
        return [];
      }
      return found.calls.map(({ call, fields, shown }: NamedCall) => ({
        ...{ call, shown, fields: hookFields(on, fields) },
      }));
    });
  }

  #part({ call, fields, shown }: Target): CheckedPart {
    const when = this.#condition(fields, shown);
    const { on, comm = '', priority } = this.#hook;
    const program = compileCondition(when, this.#metadata.bigEndian);
    if (program.length > UAPI.PF_PROGRAM_MOST) {
      const size = `its program for ${call?.name ?? on} has ${program.length} instructions`;
      this.#note(['when'], `${size}, and ${UAPI.PF_PROGRAM_MOST} is what a hook takes`);
    }
    const binary: BinaryHook = {
      ...{ kind: KINDS[on].number, flags: this.#flags(), priority, comm, program },
      abi: call ? this.#metadata.audit : 0,
      number: call?.number ?? -1,
      parameters: call ? parametersOf(call, this.#metadata.bits) : [],
      ...this.#deed(call),
    };
    return { call: call?.name, when, binary };
  }

  #condition(fields: Target['fields'], shown: string): Typed {
    const { when } = this.#hook;
    if (when === undefined) return TRUE;
    return this.#attempt(['when'], TRUE, () =>
      checkExpression(parseExpression(when), { call: shown, metadata: this.#metadata, fields }),
    );
  }

  #deed(call: Syscall | undefined): CheckedDeed {
    const { do: deed, on } = this.#hook;
    if (deed === undefined) return NO_DEED;
    const result = checkDeed(deed, on, call, this.#metadata);
    if (result.ok) return result.deed;
    this.#note(['do', ...result.path], result.text, result.character);
    return NO_DEED;
  }

  #flags(): number {
    const { record, scope } = this.#hook;
    const scoped = {
      none: 0,
      in: UAPI.PF_SCOPED,
      kept: UAPI.PF_SCOPED | UAPI.PF_SCOPE_KEPT,
      'kept-with-helpers': UAPI.PF_SCOPED | UAPI.PF_SCOPE_KEPT | UAPI.PF_SCOPE_HELPERS,
    }[scope ?? 'none'];
    // They are there before the job's command is, and so before anybody is in scope.
    return (record ? UAPI.PF_RECORD : 0) | scoped | (scoped === 0 ? 0 : UAPI.PF_SCOPE_LATER);
  }

  #attempt<T>(path: PlacedProblem['path'], otherwise: T, check: () => T): T {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      this.#note(path, error.message, error.at);
      return otherwise;
    }
  }
}
