import type { Meaning, Placing } from '../filter/fields.ts';
import type { Argument, Syscall } from '../filter/metadata/index.ts';
import type { IntField, ViewField } from '../filter/typed.ts';
import { isAboutCalls, KINDS, type KindName } from './kinds.ts';
import { type Parameter, UAPI } from './uapi.ts';

/** What an expression of a hook can ask for. */

/** Declared arguments lie extended, one behind the other, whatever registers they came in. */
export const DECLARED_PLACES: Placing = (_, index) => ({ low: index, high: undefined });

/** How a call's arguments are declared. */
export const parametersOf = (call: Syscall, bits: 32 | 64): Parameter[] =>
  call.args.slice(0, UAPI.PF_PARAMETERS_MOST).map((arg) => parameterOf(arg, bits));

function parameterOf({ type, low, high }: Argument, bits: 32 | 64): Parameter {
  const wide = type.kind === 'int' ? type.bits : bits;
  const signed = type.kind === 'int' && type.signed ? UAPI.PF_PARAMETER_SIGNED : 0;
  const pair = high === undefined ? 0 : UAPI.PF_PARAMETER_PAIR;
  return { place: low, bytes: wide / 8, flags: signed | pair };
}

const CALLER: readonly ViewField[] = ['pid', 'tid', 'vpid', 'vtid'];
const ofView = (name: ViewField): Meaning => ({
  ...{ kind: 'int', field: { kind: 'view', name }, mask: undefined },
});

/** The fields of a kind; `own` are those of the call, where it is about one. */
export function hookFields(
  kind: KindName,
  own: ReadonlyMap<string, Meaning> = new Map(),
): Map<string, Meaning> {
  const fields = new Map([...own].map(([name, meaning]) => [name, onlyRegisters(name, meaning)] as const));
  for (const { name, place, bits, signed } of KINDS[kind].fields) {
    const field: IntField = { kind: 'arg', low: place, high: undefined, bits, signed };
    fields.set(name, { kind: 'int', field, mask: undefined });
  }
  for (const name of CALLER) {
    fields.set(`caller.${name}`, ofView(name));
    addUnlessClashing(fields, name, `caller.${name}`);
  }
  if (kind === 'return') addUnlessClashing(fields, 'result', undefined);
  // `caller` is somebody only where a call is made.
  if (!isAboutCalls(kind)) for (const name of CALLER) fields.delete(`caller.${name}`);
  return fields;
}

/** kill(2) has a `pid`, and so has who calls it: either has to be named. */
function addUnlessClashing(fields: Map<string, Meaning>, name: ViewField, other: string | undefined): void {
  const argument = fields.get(name);
  if (!argument) {
    fields.set(name, ofView(name));
    return;
  }
  fields.set(`arg.${name}`, argument);
  if (other === undefined) {
    fields.set(name, ofView(name));
    return;
  }
  const why = `it is an argument of this call, and its caller has one too: write \`arg.${name}\` or \`${other}\``;
  fields.set(name, { kind: 'opaque', why });
}

function onlyRegisters(name: string, meaning: Meaning): Meaning {
  if (meaning.kind === 'fixed' || meaning.kind === 'opaque') return meaning;
  if (meaning.kind === 'int' && meaning.field.kind === 'arg') return meaning;
  const help = /^(?:path|argv|argc)$/.test(name) ? '; what was executed is told by a hook on exec' : '';
  return {
    kind: 'opaque',
    why: `it lies behind a pointer, and the kernel's filter sees registers only${help}`,
  };
}
