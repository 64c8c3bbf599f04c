import { type Label, type Line, label } from './assembler.ts';
import { OFFSET, OP } from './bpf.ts';
import { type IntField, type IntTest, shapeOf, type Typed, VIEW } from './typed.ts';

/** A program in the making: its lines, and how expressions become some. */
export class Program {
  readonly lines: Line[] = [];
  readonly #bigEndian: boolean;

  constructor(bigEndian: boolean) {
    this.#bigEndian = bigEndian;
  }

  /** `held` is what the accumulator holds before; returned is what it holds afterwards, whichever way is taken. */
  test(typed: Typed, yes: Label, no: Label, held?: Held): Held {
    switch (typed.kind) {
      case 'constant':
        this.goto(typed.value ? yes : no);
        return held;
      case 'not':
        return this.test(typed.operand, no, yes, held);
      case 'and':
      case 'or': {
        const right = label(typed.kind);
        const [first, second] = typed.kind === 'and' ? [right, no] : [yes, right];
        const between = this.test(typed.left, first, second, held);
        this.place(right);
        const after = this.test(typed.right, yes, no, between);
        return after === between ? after : undefined;
      }
      case 'int':
        return this.#int(typed, yes, no, held);
      default:
        throw new Error('what lies behind a pointer is not for the kernel');
    }
  }

  #int({ field, mask, op, value }: IntTest, yes: Label, no: Label, held: Held): Held {
    const { bits, signed: fieldSigned } = shapeOf(field);
    const signed = fieldSigned && mask === undefined;
    const whole = mask ?? (1n << BigInt(bits)) - 1n;
    // Signed order is unsigned order once the sign bit is turned over.
    const sign = signed && op !== 'any' && op !== 'eq' ? 1n << BigInt(bits - 1) : 0n;
    const wanted = BigInt.asUintN(bits, value) ^ sign;
    const half = (upper: boolean): Half => {
      const cut = (number: bigint): number => Number(BigInt.asUintN(32, upper ? number >> 32n : number));
      return {
        offset: this.#offset(field, upper),
        mask: cut(whole),
        flip: cut(sign),
        value: cut(wanted),
      };
    };
    if (bits !== 64) return this.#narrow(op, half(false), yes, no, held);
    this.#wide(op, half(true), half(false), yes, no, held);
    return undefined;
  }

  /** Args are 64 bits wide in the guest's byte order, whatever its registers are. */
  #offset(field: IntField, upper: boolean): number {
    if (field.kind === 'view') {
      const { offset, bits } = VIEW[field.name];
      return bits === 32 || upper === this.#bigEndian ? offset : offset + 4;
    }
    if (field.kind !== 'arg') throw new Error('what lies behind a pointer is not for the kernel');
    const place = upper && field.high !== undefined ? field.high : field.low;
    const second = upper && field.high === undefined;
    return OFFSET.args + place * 8 + (second !== this.#bigEndian ? 4 : 0);
  }

  #take({ offset, mask, flip }: Half, held: Held): Held {
    const wanted = `${offset} ${mask} ${flip}`;
    if (held === wanted) return wanted;
    this.load(offset);
    if (mask !== WORD) this.lines.push({ kind: 'plain', code: OP.and, k: mask });
    if (flip !== 0) this.lines.push({ kind: 'plain', code: OP.xor, k: flip });
    return wanted;
  }

  #narrow(op: IntTest['op'], half: Half, yes: Label, no: Label, held?: Held): Held {
    // The jump has the mask in it.
    const now = this.#take(op === 'any' ? { ...half, mask: WORD } : half, held);
    const compare = { eq: OP.jumpEqual, gt: OP.jumpGreater, ge: OP.jumpGreaterEqual } as const;
    if (op === 'any') this.branch(OP.jumpSet, half.mask, yes, no);
    else if (op === 'lt') this.branch(OP.jumpGreaterEqual, half.value, no, yes);
    else if (op === 'le') this.branch(OP.jumpGreater, half.value, no, yes);
    else this.branch(compare[op], half.value, yes, no);
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
        this.branch(OP.jumpGreater, upper.value, greater ? yes : no, same);
        this.place(same);
        this.branch(OP.jumpEqual, upper.value, rest, greater ? no : yes);
      } else {
        this.branch(OP.jumpEqual, upper.value, rest, no);
      }
    }
    this.place(rest);
    this.#narrow(op, lower, yes, no);
  }

  load(offset: number): void {
    this.lines.push({ kind: 'plain', code: OP.loadAbsolute, k: offset });
  }

  branch(code: number, k: number, yes: Label, no: Label): void {
    this.lines.push({ kind: 'branch', code, k, yes, no });
  }

  goto(to: Label): void {
    this.lines.push({ kind: 'jump', to });
  }

  place(at: Label): void {
    this.lines.push({ kind: 'label', label: at });
  }

  return(value: number): void {
    this.lines.push({ kind: 'plain', code: OP.return, k: value });
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
