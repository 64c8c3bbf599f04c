import fc from 'fast-check';
import { type Instruction, interpret } from '../../../src/lib/filter/bpf.ts';
import { evaluate } from '../../../src/lib/filter/evaluate.ts';
import { compileCondition } from '../../../src/lib/hooks/program.ts';
import { conditions, encodeView, type View, views } from '../../../src/lib/hooks/testing.ts';
import type { Arch } from '../../../src/lib/ids.ts';

/** Random conditions of hooks with their programs, and views for them. */

const SEED = 1815;
const PROGRAMS = 60;
const VIEWS = 24;

export interface Program {
  condition: string;
  code: readonly Instruction[];
  views: readonly View[];
  /** What the condition says of each view, and what its program returns, as digits. */
  wanted: string;
  interpreted: string;
}

export function randomPrograms(arch: Arch): Program[] {
  const list = fc.array(views(), { minLength: VIEWS, maxLength: VIEWS });
  const drawn = fc.sample(fc.tuple(conditions(arch), list), { seed: SEED, numRuns: PROGRAMS });
  return drawn.map(([{ text, typed, bigEndian }, some]) => {
    const code = compileCondition(typed, bigEndian);
    const holds = ({ args, ...view }: View): boolean =>
      view.pid !== 1n && evaluate(typed, { args, view }, bigEndian);
    const digits = (answer: (view: View) => boolean): string =>
      some.map((view) => (answer(view) ? '1' : '0')).join('');
    return {
      ...{ condition: text, code, views: some },
      wanted: digits(holds),
      interpreted: digits((view) => interpret(code, encodeView(view, bigEndian), bigEndian) !== 0),
    };
  });
}

/** As the C program has them. */
export function programsHeader(programs: readonly Program[]): string {
  const parts = programs.map(({ code, views: list }, at) => {
    const lines = code.map(({ code: op, jt, jf, k }) => `{ ${op}, ${jt}, ${jf}, ${k}u },`).join('\n');
    const looked = list.map(({ args, result, pid, tid, vpid, vtid }) => {
      const words = args.map((arg) => `${BigInt.asUintN(64, arg)}ull`).join(', ');
      const ids = `.pid = ${pid}u, .tid = ${tid}u, .vpid = ${vpid}u, .vtid = ${vtid}u`;
      return `{ .args = { ${words} }, .result = (__s64)${BigInt.asUintN(64, result)}ull, ${ids} },`;
    });
    return `static const struct sock_filter code_${at}[] = {\n${lines}\n};\nstatic const struct pf_view views_${at}[] = {\n${looked.join('\n')}\n};\n`;
  });
  const list = programs.map(
    ({ code, views: some }, at) => `{ code_${at}, ${code.length}, views_${at}, ${some.length} },`,
  );
  return `${parts.join('')}static const struct program programs[] = {\n${list.join('\n')}\n};\n`;
}
