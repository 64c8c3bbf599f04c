import type { Config } from './fragments.ts';

/** The expressions of Kconfig files (Documentation/kbuild/kconfig-language.rst), with their three values. */
export type Expression =
  | { kind: 'symbol'; name: string }
  | { kind: 'constant'; value: string }
  /** `$(…)`: what it says is known to make alone. */
  | { kind: 'macro'; text: string }
  | { kind: 'not'; of: Expression }
  | { kind: 'and' | 'or'; parts: Expression[] }
  | { kind: 'compare'; operator: string; left: Expression; right: Expression };

type Tristate = 0 | 1 | 2;

const TOKEN =
  /\s*(\|\||&&|!=|<=|>=|[!()=<>]|"(?:[^"\\]|\\.)*"|'[^']*'|\$\((?:[^()]|\([^()]*\))*\)|[\w./-]+)/y;
const COMPARISONS = new Set(['=', '!=', '<', '<=', '>', '>=']);

/** undefined for what cannot be read: then nothing is said about it. */
export function parseExpression(text: string): Expression | undefined {
  const tokens = tokensOf(text);
  if (!tokens) return undefined;
  const parser = { tokens, at: 0 };
  const parsed = parseChain(parser, '||');
  return parser.at === tokens.length ? parsed : undefined;
}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  const pattern = new RegExp(TOKEN);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const found = pattern.exec(text)?.[1];
    if (found === undefined) return undefined;
    tokens.push(found);
  }
  return tokens;
}

interface Parser {
  tokens: readonly string[];
  at: number;
}

function parseChain(parser: Parser, operator: '||' | '&&'): Expression | undefined {
  const parts: Expression[] = [];
  do {
    if (parts.length > 0) parser.at += 1;
    const part = operator === '||' ? parseChain(parser, '&&') : parseComparison(parser);
    if (!part) return undefined;
    parts.push(part);
  } while (parser.tokens[parser.at] === operator);
  const [first] = parts;
  return parts.length === 1 ? first : { kind: operator === '||' ? 'or' : 'and', parts };
}

function parseComparison(parser: Parser): Expression | undefined {
  const left = parseTerm(parser);
  const operator = parser.tokens[parser.at];
  if (!left || operator === undefined || !COMPARISONS.has(operator)) return left;
  parser.at += 1;
  const right = parseTerm(parser);
  return right && { kind: 'compare', operator, left, right };
}

function parseTerm(parser: Parser): Expression | undefined {
  const token = parser.tokens[parser.at];
  if (token === undefined) return undefined;
  parser.at += 1;
  if (token === '!') {
    const of = parseTerm(parser);
    return of && { kind: 'not', of };
  }
  if (token === '(') {
    const inner = parseChain(parser, '||');
    if (parser.tokens[parser.at] !== ')') return undefined;
    parser.at += 1;
    return inner;
  }
  if (token.startsWith('$(')) return { kind: 'macro', text: token };
  if (/^["']/.test(token)) return { kind: 'constant', value: token.slice(1, -1) };
  if (/^[ymn]$/.test(token)) return { kind: 'constant', value: token };
  return /^\w+$/.test(token) ? { kind: 'symbol', name: token } : undefined;
}

const asTristate = (value: string | undefined): Tristate => (value === 'y' ? 2 : value === 'm' ? 1 : 0);

/** What only make knows is taken for granted, so that it never is the reason that is named. */
export function evaluate(expression: Expression, config: Config): Tristate {
  switch (expression.kind) {
    case 'symbol':
      return asTristate(config.get(expression.name));
    case 'constant':
      return asTristate(expression.value);
    case 'macro':
      return 2;
    case 'not':
      return (2 - evaluate(expression.of, config)) as Tristate;
    case 'and':
      return Math.min(...expression.parts.map((part) => evaluate(part, config))) as Tristate;
    case 'or':
      return Math.max(...expression.parts.map((part) => evaluate(part, config))) as Tristate;
    case 'compare':
      return compare(expression, config) ? 2 : 0;
  }
}

function compare(
  { operator, left, right }: Extract<Expression, { kind: 'compare' }>,
  config: Config,
): boolean {
  const [a, b] = [text(left, config), text(right, config)];
  const order = a.localeCompare(b, 'en', { numeric: true });
  switch (operator) {
    case '=':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

/** A name that is no option stands for itself: numbers are written like that. */
function text(expression: Expression, config: Config): string {
  if (expression.kind === 'constant') return expression.value;
  if (expression.kind !== 'symbol') return '';
  const value = config.get(expression.name) ?? (/^\d|^0x/.test(expression.name) ? expression.name : 'n');
  return value.replace(/^"(.*)"$/, '$1');
}

/** The conditions that must all be true, one by one. */
export const conjuncts = (expression: Expression): Expression[] =>
  expression.kind === 'and' ? expression.parts.flatMap(conjuncts) : [expression];

/** The options that an expression names, each once. */
export function symbolsOf(expression: Expression): string[] {
  switch (expression.kind) {
    case 'symbol':
      return [expression.name];
    case 'not':
      return symbolsOf(expression.of);
    case 'and':
    case 'or':
      return [...new Set(expression.parts.flatMap(symbolsOf))];
    case 'compare':
      return [...new Set([...symbolsOf(expression.left), ...symbolsOf(expression.right)])];
    default:
      return [];
  }
}

export function textOf(expression: Expression): string {
  switch (expression.kind) {
    case 'symbol':
      return expression.name;
    case 'constant':
      return expression.value;
    case 'macro':
      return expression.text;
    case 'not':
      return `!${grouped(expression.of)}`;
    case 'compare':
      return `${textOf(expression.left)}${expression.operator}${textOf(expression.right)}`;
    default:
      return expression.parts.map(grouped).join(expression.kind === 'and' ? ' && ' : ' || ');
  }
}

const grouped = (expression: Expression): string =>
  expression.kind === 'and' || expression.kind === 'or' ? `(${textOf(expression)})` : textOf(expression);
