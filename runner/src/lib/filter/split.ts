import { and, FALSE, isScalar, not, or, TRUE, type Typed } from './typed.ts';

/**
 * The two scalar shadows of an expression: where `must` holds it is true whatever lies behind pointers, where `may`
 * does not hold it is false whatever lies there. Between the two only the warden knows.
 */
export interface Split {
  must: Typed;
  may: Typed;
}

export function split(typed: Typed): Split {
  switch (typed.kind) {
    case 'constant':
      return { must: typed, may: typed };
    case 'not': {
      const { must, may } = split(typed.operand);
      return { must: not(may), may: not(must) };
    }
    case 'and':
    case 'or': {
      const join = typed.kind === 'and' ? and : or;
      const [left, right] = [split(typed.left), split(typed.right)];
      return { must: join(left.must, right.must), may: join(left.may, right.may) };
    }
    default:
      return isScalar(typed) ? { must: typed, may: typed } : { must: FALSE, may: TRUE };
  }
}

/** Nothing behind a pointer is asked for. */
export function isDecidedByKernel(typed: Typed): boolean {
  switch (typed.kind) {
    case 'constant':
      return true;
    case 'not':
      return isDecidedByKernel(typed.operand);
    case 'and':
    case 'or':
      return isDecidedByKernel(typed.left) && isDecidedByKernel(typed.right);
    default:
      return isScalar(typed);
  }
}
