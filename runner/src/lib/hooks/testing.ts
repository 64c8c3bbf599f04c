import fc from 'fast-check';
import { OFFSET } from '../filter/bpf.ts';
import { checkExpression } from '../filter/check.ts';
import { fieldsOf } from '../filter/fields.ts';
import { metadataOf, type Syscall } from '../filter/metadata/index.ts';
import { parseExpression } from '../filter/parser.ts';
import { edgy, expressionOver } from '../filter/testing.ts';
import { type Typed, VIEW, type ViewField } from '../filter/typed.ts';
import type { Arch } from '../ids.ts';
import { DECLARED_PLACES, hookFields } from './fields.ts';
import { isAboutCalls, KIND_NAMES } from './kinds.ts';
import { VIEW_BYTES } from './uapi.ts';

/** Random conditions of hooks, and what they are asked of. */

export interface Condition {
  text: string;
  typed: Typed;
  bigEndian: boolean;
}

/** struct pf_view as far as conditions ask for it. */
export type View = Readonly<Record<ViewField, bigint>> & { args: readonly bigint[] };

export function conditions(arch: Arch): fc.Arbitrary<Condition> {
  const metadata = metadataOf(arch);
  const calls: Syscall[] = [...metadata.syscalls.values()];
  return fc.tuple(fc.constantFrom(...KIND_NAMES), fc.constantFrom(...calls)).chain(([kind, call]) => {
    const own = isAboutCalls(kind) ? fieldsOf(call, metadata, DECLARED_PLACES) : undefined;
    const fields = hookFields(kind, own);
    return expressionOver(fields).map((text): Condition => {
      const scope = { call: call.name, metadata, fields };
      const typed = checkExpression(parseExpression(text), scope);
      return { text, typed, bigEndian: metadata.bigEndian };
    });
  });
}

const WORD = (1n << 64n) - 1n;

/** Arguments lie extended where they are declared; what is above their width is not looked at. */
export function views(): fc.Arbitrary<View> {
  const word = edgy(0n, WORD);
  const task = fc.oneof(fc.bigInt({ min: 1n, max: 3n }), edgy(0n, 0xffff_ffffn));
  return fc.record({
    args: fc.array(word, { minLength: 6, maxLength: 6 }),
    result: edgy(-(1n << 63n), (1n << 63n) - 1n),
    ...{ pid: task, tid: task, vpid: task, vtid: task },
  });
}

export function encodeView(view: View, bigEndian: boolean): DataView {
  const data = new DataView(new ArrayBuffer(VIEW_BYTES));
  for (const [at, arg] of view.args.entries())
    data.setBigUint64(OFFSET.args + at * 8, BigInt.asUintN(64, arg), !bigEndian);
  for (const name of ['result', 'pid', 'tid', 'vpid', 'vtid'] as const) {
    const { offset, bits } = VIEW[name];
    if (bits === 64) data.setBigInt64(offset, view[name], !bigEndian);
    else data.setUint32(offset, Number(view[name]), !bigEndian);
  }
  return data;
}
