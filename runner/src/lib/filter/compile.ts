import { assemble, type Label, type Line, label } from './assembler.ts';
import { type Instruction, MOST_INSTRUCTIONS, OFFSET, OP, RET } from './bpf.ts';
import { Program } from './program.ts';
import { isDecidedByKernel, split } from './split.ts';
import type { Typed } from './typed.ts';

/** What becomes of a call. */
export type Verdict = { kind: 'allow' } | { kind: 'kill' } | { kind: 'errno'; error: number };

/** The rules of one call, in order. */
export interface CallRules {
  number: number;
  steps: readonly { rule: number; when: Typed }[];
}

export interface Rules {
  audit: number;
  /** Numbers with this bit belong to another table; 0 where there is none. */
  alienBit: number;
  /** The arch's ENOSYS, which calls of other ABIs get. */
  enosys: number;
  bigEndian: boolean;
  fallback: Verdict;
  /** Of each rule. */
  actions: readonly Verdict[];
  calls: readonly CallRules[];
}

/** The warden's own part goes behind an image's program. */
export const WARDEN_INSTRUCTIONS = 64;
export const MOST_FOR_IMAGE = MOST_INSTRUCTIONS - WARDEN_INSTRUCTIONS;

export function returnOf(verdict: Verdict): number {
  switch (verdict.kind) {
    case 'allow':
      return RET.allow;
    case 'kill':
      return RET.killProcess;
    case 'errno':
      return RET.errno | verdict.error;
  }
}

/** The kernel's part of a policy. It may be too long; who calls looks. */
export function compile(rules: Rules): Instruction[] {
  return assemble(new Compiler(rules).lines());
}

class Compiler {
  readonly #rules: Rules;
  readonly #program: Program;
  /** Where a value is returned; all returns stand at the end, once each. */
  readonly #returns = new Map<number, Label>();

  constructor(rules: Rules) {
    this.#rules = rules;
    this.#program = new Program(rules.bigEndian);
  }

  lines(): Line[] {
    const { audit, alienBit, enosys, calls } = this.#rules;
    const alien = this.#return(RET.errno | enosys);
    const ours = label('ours');
    this.#program.load(OFFSET.arch);
    this.#program.branch(OP.jumpEqual, audit, ours, alien);
    this.#program.place(ours);
    this.#program.load(OFFSET.number);
    if (alienBit !== 0) {
      const table = label('table');
      this.#program.branch(OP.jumpSet, alienBit, alien, table);
      this.#program.place(table);
    }
    const blocks = blocksOf(calls);
    this.#search(blocks);
    for (const [value, place] of this.#returns) {
      this.#program.place(place);
      this.#program.return(value);
    }
    return this.#program.lines;
  }

  /** A balanced tree over the numbers, then the code of each leaf. */
  #search(blocks: readonly Block[]): void {
    const others = label('others');
    this.#tree(segmentsOf(blocks, others));
    for (const { place, steps } of blocks) {
      this.#program.place(place);
      this.#decide(steps);
    }
    this.#program.place(others);
    this.#program.goto(this.#return(returnOf(this.#rules.fallback)));
  }

  #tree(segments: readonly Segment[]): void {
    const [first] = segments;
    if (!first) throw new Error('a tree has a leaf');
    if (segments.length === 1) {
      this.#program.goto(first.to);
      return;
    }
    const middle = Math.ceil(segments.length / 2);
    const [below, above] = [segments.slice(0, middle), segments.slice(middle)];
    const place = (side: readonly Segment[]): Label =>
      side.length === 1 && side[0] ? side[0].to : label(`from ${side[0]?.from}`);
    const [low, high] = [place(below), place(above)];
    this.#program.branch(OP.jumpGreaterEqual, above[0]?.from ?? 0, high, low);
    for (const [at, side] of [
      [low, below],
      [high, above],
    ] as const) {
      if (side.length === 1) continue;
      this.#program.place(at);
      this.#tree(side);
    }
  }

  /** Rule after rule, as long as the kernel can tell. */
  #decide(steps: CallRules['steps']): void {
    for (const [at, { rule, when }] of steps.entries()) {
      const action = this.#rules.actions[rule];
      if (!action) throw new Error(`there is no rule ${rule}`);
      const done = this.#return(returnOf(action));
      const next = label('next rule');
      if (this.#isMoot(steps, at)) break;
      // Near, so that the jumps of long expressions reach it without stepping stones.
      const hit = label('holds');
      if (isDecidedByKernel(when)) {
        this.#program.test(when, hit, next);
      } else {
        const { must, may } = split(when);
        const open = label('open');
        const ask = label('ask');
        this.#program.test(may, open, next);
        this.#program.place(open);
        this.#program.test(must, hit, ask);
        this.#program.place(ask);
        this.#program.goto(this.#return(RET.ask));
      }
      this.#program.place(hit);
      this.#program.goto(done);
      this.#program.place(next);
    }
    this.#program.goto(this.#return(returnOf(this.#rules.fallback)));
  }

  /** Where every rule from here on says what is said without them, nobody needs to be asked. */
  #isMoot(steps: CallRules['steps'], from: number): boolean {
    const fallback = returnOf(this.#rules.fallback);
    return steps.slice(from).every(({ rule }) => {
      const action = this.#rules.actions[rule];
      return action && returnOf(action) === fallback;
    });
  }

  #return(value: number): Label {
    const known = this.#returns.get(value);
    if (known) return known;
    const made = label(`return 0x${value.toString(16)}`);
    this.#returns.set(value >>> 0, made);
    return made;
  }
}

interface Block {
  place: Label;
  numbers: number[];
  steps: CallRules['steps'];
}

/** Numbers from `from` on, up to the next segment. */
interface Segment {
  from: number;
  to: Label;
}

/** Calls with the same rules about the same places share their code. */
function blocksOf(calls: readonly CallRules[]): Block[] {
  const blocks = new Map<string, Block>();
  for (const { number, steps } of calls) {
    const key = JSON.stringify(steps, (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
    const block = blocks.get(key) ?? { place: label(`call ${number}`), numbers: [], steps };
    block.numbers.push(number);
    blocks.set(key, block);
  }
  return [...blocks.values()];
}

function segmentsOf(blocks: readonly Block[], others: Label): Segment[] {
  const leaves = blocks
    .flatMap(({ place, numbers }) => numbers.map((number) => ({ number, place })))
    .sort((a, b) => a.number - b.number);
  const segments = leaves.flatMap(({ number, place }): Segment[] => [
    { from: number, to: place },
    { from: number + 1, to: others },
  ]);
  return merged([{ from: 0, to: others }, ...segments]);
}

function merged(segments: readonly Segment[]): Segment[] {
  const kept: Segment[] = [];
  for (const [at, segment] of segments.entries()) {
    // Empty: the next one starts at the same number.
    if (segments[at + 1]?.from === segment.from) continue;
    if (kept.at(-1)?.to !== segment.to) kept.push(segment);
  }
  return kept;
}
