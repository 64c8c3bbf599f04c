import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { complaintAbout, interpret } from '../filter/bpf.ts';
import { evaluate, type Facts } from '../filter/evaluate.ts';
import { ARCHES, type Arch } from '../ids.ts';
import { compileCondition } from './program.ts';
import { conditions, encodeView, type View, views } from './testing.ts';
import { UAPI, VIEW_BYTES } from './uapi.ts';

/** The compiled program and the condition itself give the same answer. */

const LIMITS = { most: UAPI.PF_PROGRAM_MOST, dataBytes: VIEW_BYTES };

const factsOf = ({ args, ...view }: View): Facts => ({ args, view });

function exampleOn(arch: Arch) {
  return conditions(arch).chain((condition) =>
    fc.record({
      condition: fc.constant(condition),
      list: fc.array(views(), { minLength: 4, maxLength: 8 }),
    }),
  );
}

describe.each(ARCHES)('on %s', (arch) => {
  it('a program returns what its condition says, for random conditions and views', () => {
    let held = 0;
    fc.assert(
      fc.property(exampleOn(arch), ({ condition, list }) => {
        const { typed, bigEndian } = condition;
        const program = compileCondition(typed, bigEndian);
        expect(complaintAbout(program, LIMITS)).toBeUndefined();
        for (const view of list) {
          const wanted = view.pid !== 1n && evaluate(typed, factsOf(view), bigEndian);
          expect(interpret(program, encodeView(view, bigEndian), bigEndian)).toBe(Number(wanted));
          held += Number(wanted);
        }
      }),
      { numRuns: 300 },
    );
    expect(held).toBeGreaterThan(300);
  }, 60_000);
});
