/** An expression as written. `at` is the index of its first character, `end` that behind its last. */

export interface Span {
  at: number;
  end: number;
}

export type Node = Span &
  (
    | { kind: 'number'; value: bigint }
    | TextNode
    | { kind: 'name'; name: string }
    | { kind: 'element'; name: string; index: number }
    | { kind: 'set'; items: readonly Node[] }
    | { kind: 'unary'; op: UnaryOp; operand: Node }
    | { kind: 'binary'; op: BinaryOp; left: Node; right: Node; opAt: number }
  );

/** `pattern` is the same text with a backslash before what has no special meaning in a glob. */
export type TextNode = Span & { kind: 'text'; bytes: Uint8Array; pattern: Uint8Array };

export type UnaryOp = '!' | '-' | '~';
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type ArithmeticOp = '&' | '|' | '^' | '<<' | '>>' | '+' | '-';
export type BinaryOp = '&&' | '||' | Comparison | ArithmeticOp | '=~' | '!~' | 'in';
