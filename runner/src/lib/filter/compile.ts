import { assemble, type Label, type Line, label } from './assembler.ts';
import { type Instruction, MOST_INSTRUCTIONS, OFFSET, OP, RET } from './bpf.ts';
import { isDecidedByKernel, split } from './split.ts';
import type { IntTest, Typed } from './typed.ts';

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
  readonly #lines: Line[] = [];
  /** Where a value is returned; all returns stand at the end, once each. */
  readonly #returns = new Map<number, Label>();

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  lines(): Line[] {
    const { audit, alienBit, enosys, calls } = this.#rules;
    const alien = this.#return(RET.errno | enosys);
    const ours = label('ours');
    this.#load(OFFSET.arch);
    this.#branch(OP.jumpEqual, audit, ours, alien);
    this.#place(ours);
    this.#load(OFFSET.number);
    if (alienBit !== 0) {
      const table = label('table');
      this.#branch(OP.jumpSet, alienBit, alien, table);
      this.#place(table);
    }
    const blocks = blocksOf(calls);
    this.#search(blocks);
    for (const [value, place] of this.#returns) {
      this.#place(place);
      this.#lines.push({ kind: 'plain', code: OP.return, k: value });
    }
    return this.#lines;
  }

  /** A balanced tree over the numbers, then the code of each leaf. */
  #search(blocks: readonly Block[]): void {
    const others = label('others');
    this.#tree(segmentsOf(blocks, others));
    for (const { place, steps } of blocks) {
      this.#place(place);
      this.#decide(steps);
    }
    this.#place(others);
    this.#goto(this.#return(returnOf(this.#rules.fallback)));
  }

  #tree(segments: readonly Segment[]): void {
    const [first] = segments;
    if (!first) throw new Error('a tree has a leaf');
    if (segments.length === 1) {
      this.#goto(first.to);
      return;
    }
    const middle = Math.ceil(segments.length / 2);
    const [below, above] = [segments.slice(0, middle), segments.slice(middle)];
    const place = (side: readonly Segment[]): Label =>
      side.length === 1 && side[0] ? side[0].to : label(`from ${side[0]?.from}`);
    const [low, high] = [place(below), place(above)];
    this.#branch(OP.jumpGreaterEqual, above[0]?.from ?? 0, high, low);
    for (const [at, side] of [
      [low, below],
      [high, above],
    ] as const) {
      if (side.length === 1) continue;
      this.#place(at);
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
        this.#test(when, hit, next);
      } else {
        const { must, may } = split(when);
        const open = label('open');
        const ask = label('ask');
        this.#test(may, open, next);
        this.#place(open);
        this.#test(must, hit, ask);
        this.#place(ask);
        this.#goto(this.#return(RET.ask));
      }
      this.#place(hit);
      this.#goto(done);
      this.#place(next);
    }
    this.#goto(this.#return(returnOf(this.#rules.fallback)));
  }

  /** Where every rule from here on says what is said without them, nobody needs to be asked. */
  #isMoot(steps: CallRules['steps'], from: number): boolean {
    const fallback = returnOf(this.#rules.fallback);
    return steps.slice(from).every(({ rule }) => {
      const action = this.#rules.actions[rule];
      return action && returnOf(action) === fallback;
    });
  }

  /** `held` is what the accumulator holds before; returned is what it holds afterwards, whichever way is taken. */
  #test(typed: Typed, yes: Label, no: Label, held?: Held): Held {
    switch (typed.kind) {
      case 'constant':
        this.#goto(typed.value ? yes : no);
        return held;
      case 'not':
        return this.#test(typed.operand, no, yes, held);
      case 'and':
      case 'or': {
        const right = label(typed.kind);
        const [first, second] = typed.kind === 'and' ? [right, no] : [yes, right];
        const between = this.#test(typed.left, first, second, held);
        this.#place(right);
        const after = this.#test(typed.right, yes, no, between);
        return after === between ? after : undefined;
      }
      case 'int':
        return this.#int(typed, yes, no, held);
      default:
        throw new Error('what lies behind a pointer is not for the kernel');
    }
  }

  #int({ field, mask, op, value }: IntTest, yes: Label, no: Label, held: Held): Held {
    if (field.kind !== 'arg') throw new Error('what lies behind a pointer is not for the kernel');
    const { bits, low, high } = field;
    const signed = field.signed && mask === undefined;
    const whole = mask ?? (1n << BigInt(bits)) - 1n;
    // Signed order is unsigned order once the sign bit is turned over.
    const sign = signed && op !== 'any' && op !== 'eq' ? 1n << BigInt(bits - 1) : 0n;
    const wanted = BigInt.asUintN(bits, value) ^ sign;
    const half = (upper: boolean): Half => {
      const cut = (number: bigint): number => Number(BigInt.asUintN(32, upper ? number >> 32n : number));
      return {
        offset: this.#offset(upper, low, high),
        mask: cut(whole),
        flip: cut(sign),
        value: cut(wanted),
      };
    };
    if (bits !== 64) return this.#narrow(op, half(false), yes, no, held);
    this.#wide(op, half(true), half(false), yes, no, held);
    return undefined;
  }

  /** seccomp_data's args are 64 bits wide in the guest's byte order, whatever its registers are. */
  #offset(upper: boolean, low: number, high: number | undefined): number {
    const place = upper && high !== undefined ? high : low;
    const second = upper && high === undefined;
    return OFFSET.args + place * 8 + (second !== this.#rules.bigEndian ? 4 : 0);
  }

  #take({ offset, mask, flip }: Half, held: Held): Held {
    const wanted = `${offset} ${mask} ${flip}`;
    if (held === wanted) return wanted;
    this.#load(offset);
    if (mask !== WORD) this.#lines.push({ kind: 'plain', code: OP.and, k: mask });
    if (flip !== 0) this.#lines.push({ kind: 'plain', code: OP.xor, k: flip });
    return wanted;
  }

  #narrow(op: IntTest['op'], half: Half, yes: Label, no: Label, held?: Held): Held {
    // The jump has the mask in it.
    const now = this.#take(op === 'any' ? { ...half, mask: WORD } : half, held);
    const compare = { eq: OP.jumpEqual, gt: OP.jumpGreater, ge: OP.jumpGreaterEqual } as const;
    if (op === 'any') this.#branch(OP.jumpSet, half.mask, yes, no);
    else if (op === 'lt') this.#branch(OP.jumpGreaterEqual, half.value, no, yes);
    else if (op === 'le') this.#branch(OP.jumpGreater, half.value, no, yes);
    else this.#branch(compare[op], half.value, yes, no);
    return now;
  }

  #wide(op: IntTest['op'], upper: Half, lower: Half, yes: Label, no: Label, held: Held): void {
    const rest = label('lower half');
    if (op === 'any') {
      this.#narrow('any', upper, yes, rest, held);
    } else {
      this.#take(upper, held);
      if (op !== 'eq') {
        const same = label('same upper half');
        const greater = op === 'gt' || op === 'ge';
        this.#branch(OP.jumpGreater, upper.value, greater ? yes : no, same);
        this.#place(same);
        this.#branch(OP.jumpEqual, upper.value, rest, greater ? no : yes);
      } else {
        this.#branch(OP.jumpEqual, upper.value, rest, no);
      }
    }
    this.#place(rest);
    this.#narrow(op, lower, yes, no);
  }

  #load(offset: number): void {
    this.#lines.push({ kind: 'plain', code: OP.loadAbsolute, k: offset });
  }

  #branch(code: number, k: number, yes: Label, no: Label): void {
    this.#lines.push({ kind: 'branch', code, k, yes, no });
  }

  #goto(to: Label): void {
    this.#lines.push({ kind: 'jump', to });
  }

  #place(at: Label): void {
    this.#lines.push({ kind: 'label', label: at });
  }

  #return(value: number): Label {
    const known = this.#returns.get(value);
    if (known) return known;
    const made = label(`return 0x${value.toString(16)}`);
    this.#returns.set(value >>> 0, made);
    return made;
  }
}

/** What the accumulator is known to hold: offset, mask and flip of the last load. */
type Held = string | undefined;

const WORD = 0xffff_ffff;

interface Half {
  offset: number;
  mask: number;
  flip: number;
  value: number;
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
