import type { BinaryOp, Node } from './ast.ts';
import { type Token, tokens } from './lexer.ts';
import { ExpressionError } from './problem.ts';

/**
 * Recursive descent; docs/filter-language.md has the grammar. Unlike in C, `&`, `|` and `^` bind tighter than
 * comparisons: `flags & O_CREAT == 0` asks what it seems to ask.
 */

const DEEPEST = 60;
const MOST_ELEMENTS = 65_535;

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;
/** Arithmetic, loosest first. */
const LEVELS: readonly (readonly BinaryOp[])[] = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-']];

export function parseExpression(text: string): Node {
  const parser = new Parser(tokens(text));
  const node = parser.either();
  parser.expectEnd();
  return node;
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(list: readonly Token[]) {
    this.#tokens = list;
  }

  either(): Node {
    return this.#nested(() => this.#leftToRight(['||'], () => this.#both()));
  }

  expectEnd(): void {
    const token = this.#peek();
    if (token.kind === 'end') return;
    const chained = token.kind === 'sign' && COMPARISONS.some((sign) => sign === token.sign);
    const help = chained ? '; comparisons do not chain: join two with &&' : '';
    throw new ExpressionError(token.at, `expected an operator or the end, not ${show(token)}${help}`);
  }

  #both(): Node {
    return this.#leftToRight(['&&'], () => this.#not());
  }

  #not(): Node {
    const token = this.#peek();
    if (!this.#take('!')) return this.#comparison();
    const operand = this.#nested(() => this.#not());
    return { kind: 'unary', op: '!', operand, at: token.at, end: operand.end };
  }

  #comparison(): Node {
    const left = this.#arithmetic(0);
    const token = this.#peek();
    if (token.kind === 'name' && token.name === 'in') {
      this.#next++;
      return join('in', left, this.#set(), token.at);
    }
    if (token.kind !== 'sign') return left;
    const op =
      token.sign === '~' ? '=~' : (['!~', ...COMPARISONS] as const).find((sign) => sign === token.sign);
    if (op === undefined) return left;
    this.#next++;
    return join(op, left, this.#arithmetic(0), token.at);
  }

  #set(): Node {
    const start = this.#peek();
    this.#expect('{', 'a set such as {1, 2} after `in`');
    const items = [this.#arithmetic(0)];
    while (this.#take(',')) items.push(this.#arithmetic(0));
    const end = this.#peek().end;
    this.#expect('}', '`,` or `}`');
    return { kind: 'set', items, at: start.at, end };
  }

  #arithmetic(level: number): Node {
    const ops = LEVELS[level];
    if (!ops) return this.#unary();
    return this.#leftToRight(ops, () => this.#arithmetic(level + 1));
  }

  #unary(): Node {
    const token = this.#peek();
    const op = token.kind === 'sign' && (token.sign === '-' || token.sign === '~') ? token.sign : undefined;
    if (op === undefined) return this.#primary();
    this.#next++;
    const operand = this.#nested(() => this.#unary());
    return { kind: 'unary', op, operand, at: token.at, end: operand.end };
  }

  #primary(): Node {
    const token = this.#peek();
    this.#next++;
    if (token.kind === 'number' || token.kind === 'text') return token;
    if (token.kind === 'name' && token.name !== 'in') return this.#take('[') ? this.#element(token) : token;
    if (token.kind === 'sign' && token.sign === '(') {
      const node = this.either();
      this.#expect(')', '`)`');
      return node;
    }
    const help =
      token.kind === 'sign' && token.sign === '!' ? '; put what `!` belongs to in parentheses' : '';
    throw new ExpressionError(
      token.at,
      `expected a field, a constant, a number or a string, not ${show(token)}${help}`,
    );
  }

  #element(name: Token & { kind: 'name' }): Node {
    const token = this.#peek();
    if (token.kind !== 'number') throw new ExpressionError(token.at, `expected a number, not ${show(token)}`);
    if (token.value > MOST_ELEMENTS)
      throw new ExpressionError(token.at, `the index is above ${MOST_ELEMENTS}`);
    this.#next++;
    const end = this.#peek().end;
    this.#expect(']', '`]`');
    return { kind: 'element', name: name.name, index: Number(token.value), at: name.at, end };
  }

  #leftToRight(ops: readonly BinaryOp[], operand: () => Node): Node {
    let left = operand();
    for (;;) {
      const token = this.#peek();
      const op = token.kind === 'sign' ? ops.find((known) => known === token.sign) : undefined;
      if (op === undefined) return left;
      this.#next++;
      left = join(op, left, operand(), token.at);
    }
  }

  #nested<T>(work: () => T): T {
    if (++this.#depth > DEEPEST) throw new ExpressionError(this.#peek().at, 'nested too deeply');
    const result = work();
    this.#depth--;
    return result;
  }

  #peek(): Token {
    const token = this.#tokens[this.#next] ?? this.#tokens.at(-1);
    if (!token) throw new Error('there is always an end');
    return token;
  }

  #take(sign: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'sign' || token.sign !== sign) return false;
    this.#next++;
    return true;
  }

  #expect(sign: string, what: string): void {
    const token = this.#peek();
    if (!this.#take(sign)) throw new ExpressionError(token.at, `expected ${what}, not ${show(token)}`);
  }
}

const join = (op: BinaryOp, left: Node, right: Node, opAt: number): Node => {
  const { at } = left;
  return { kind: 'binary', op, left, right, opAt, at, end: right.end };
};

function show(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end';
    case 'name':
      return `\`${token.name}\``;
    case 'number':
      return `\`${token.value}\``;
    case 'text':
      return 'a string';
    case 'sign':
      return `\`${token.sign}\``;
  }
}
