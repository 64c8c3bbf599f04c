import { type Instruction, OP } from './bpf.ts';

/** Code before its jumps have distances. */
export type Label = { readonly name: string };
export type Line =
  | { kind: 'label'; label: Label }
  | { kind: 'plain'; code: number; k: number }
  | { kind: 'jump'; to: Label }
  | { kind: 'branch'; code: number; k: number; yes: Label; no: Label };

export const label = (name: string): Label => ({ name });

/** How far a conditional jump reaches. */
const FARTHEST = 255;

/**
 * Gives jumps their distances. BPF jumps forward only, so from the end backwards every distance is known when it is
 * needed; where a conditional one does not reach, an unconditional one right behind it goes on.
 */
export function assemble(lines: readonly Line[]): Instruction[] {
  /** From the end on. */
  const code: Instruction[] = [];
  const places = new Map<Label, number>();
  const distance = (to: Label): number => {
    const place = places.get(to);
    if (place === undefined) throw new Error(`the label ${to.name} does not lie ahead`);
    return code.length - place;
  };
  const jump = (to: Label): void => {
    code.push({ code: OP.jump, jt: 0, jf: 0, k: distance(to) });
  };
  for (const line of [...lines].reverse()) {
    switch (line.kind) {
      case 'label':
        places.set(line.label, code.length);
        break;
      case 'plain':
        code.push({ code: line.code, jt: 0, jf: 0, k: line.k >>> 0 });
        break;
      case 'jump':
        if (distance(line.to) > 0) jump(line.to);
        break;
      case 'branch':
        branch(line);
        break;
    }
  }
  return code.reverse();

  function branch({ code: op, k, yes, no }: Line & { kind: 'branch' }): void {
    if (yes === no) {
      if (distance(yes) > 0) jump(yes);
      return;
    }
    // A stepping stone moves the other target one away.
    let stones = 0;
    let jf = -1;
    let jt = -1;
    if (distance(no) > FARTHEST - 1) {
      jump(no);
      stones++;
      jf = 0;
    }
    if (distance(yes) > FARTHEST) {
      jump(yes);
      stones++;
      jt = 0;
      if (jf >= 0) jf = 1;
    }
    if (jf < 0) jf = distance(no);
    if (jt < 0) jt = distance(yes);
    code.push({ code: op, jt, jf, k: k >>> 0 });
    if (stones > 2) throw new Error('one stone for each way');
  }
}
