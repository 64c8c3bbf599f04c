import type { Span, TextNode } from './ast.ts';
import { ExpressionError } from './problem.ts';

export type Token =
  | (Span & { kind: 'number'; value: bigint })
  | TextNode
  | (Span & { kind: 'name'; name: string })
  | (Span & { kind: 'sign'; sign: string })
  | (Span & { kind: 'end' });

/** Longer ones first. */
const SIGNS = ['&&', '||', '==', '!=', '<=', '>=', '<<', '>>', '!~', ...'<>&|^~!+-(){}[],'];
const MOST_CHARACTERS = 4096;
const LARGEST = (1n << 64n) - 1n;

export function tokens(text: string): Token[] {
  if (text.length > MOST_CHARACTERS) {
    throw new ExpressionError(MOST_CHARACTERS, `the expression is longer than ${MOST_CHARACTERS} characters`);
  }
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      at++;
      continue;
    }
    const token = text[at] === '"' ? textAt(text, at) : (wordAt(text, at) ?? signAt(text, at));
    found.push(token);
    at = token.end;
  }
  return [...found, { kind: 'end', at: text.length, end: text.length }];
}

function wordAt(text: string, at: number): Token | undefined {
  const word = /[A-Za-z0-9_][A-Za-z0-9_.]*/y;
  word.lastIndex = at;
  const found = word.exec(text)?.[0];
  if (found === undefined) return undefined;
  const end = at + found.length;
  if (!/^\d/.test(found)) return { kind: 'name', name: found, at, end };
  if (!/^(0x[0-9a-fA-F]+|0o[0-7]+|0|[1-9]\d*)$/.test(found)) {
    const octal = /^0\d+$/.test(found) ? '; an octal number starts with 0o' : '';
    throw new ExpressionError(at, `\`${found}\` is not a number${octal}`);
  }
  const value = BigInt(found);
  if (value > LARGEST) throw new ExpressionError(at, `\`${found}\` has more than 64 bits`);
  return { kind: 'number', value, at, end };
}

function signAt(text: string, at: number): Token {
  const sign = SIGNS.find((known) => text.startsWith(known, at));
  if (sign !== undefined) return { kind: 'sign', sign, at, end: at + sign.length };
  const shown = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const help = shown === '=' ? '; equality is ==' : shown === "'" ? '; strings stand in double quotes' : '';
  throw new ExpressionError(at, `\`${shown}\` has no meaning here${help}`);
}

const ESCAPES: Record<string, number> = { '\\': 0x5c, '"': 0x22, n: 0x0a, t: 0x09, '*': 0x2a, '?': 0x3f };
const BACKSLASH = 0x5c;

function textAt(text: string, start: number): TextNode {
  const bytes: number[] = [];
  const pattern: number[] = [];
  const add = (byte: number, escaped: boolean): void => {
    bytes.push(byte);
    if (escaped && (byte === BACKSLASH || byte === 0x2a || byte === 0x3f)) pattern.push(BACKSLASH);
    pattern.push(byte);
  };
  let at = start + 1;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === '\\') {
      const { byte, length } = escapeAt(text, at);
      add(byte, true);
      at += length;
      continue;
    }
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (character === '\n') break;
    for (const byte of Buffer.from(character, 'utf8')) add(byte, false);
    at += character.length;
  }
  if (text[at] !== '"') throw new ExpressionError(start, 'the string does not end');
  return {
    kind: 'text',
    bytes: Uint8Array.from(bytes),
    pattern: Uint8Array.from(pattern),
    at: start,
    end: at + 1,
  };
}

function escapeAt(text: string, at: number): { byte: number; length: number } {
  const next = text[at + 1] ?? '';
  if (next === 'x') {
    const digits = /^[0-9a-fA-F]{2}/.exec(text.slice(at + 2))?.[0];
    if (digits === undefined) throw new ExpressionError(at, 'two hex digits are expected after \\x');
    return { byte: Number.parseInt(digits, 16), length: 4 };
  }
  const byte = ESCAPES[next];
  if (byte !== undefined) return { byte, length: 2 };
  throw new ExpressionError(at, `\`\\${next}\` is no escape; known are \\\\ \\" \\n \\t \\* \\? \\xHH`);
}
