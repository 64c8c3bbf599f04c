import { expect, test } from 'vitest';
import { globMatches } from './glob.ts';

test.each([
  ['argv/*', 'argv/thread-rewrite@arm/4.10', true],
  ['*@arm/*', 'argv/thread-rewrite@arm/4.10', true],
  ['*@arm/*', 'argv/thread-rewrite@mips/4.10', false],
  ['argv', 'argv/thread-rewrite', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['*a*b', 'xaxbxb', true],
  ['*', '', true],
  ['**', 'x', true],
  ['', '', true],
  ['', 'x', false],
  ['(.[', '(.[', true],
])('%j on %j is %s', (glob, text, expected) => {
  expect(globMatches(glob, text)).toBe(expected);
});

test('a pattern made to take long does not', () => {
  expect(globMatches(`${'*a'.repeat(100)}b`, 'a'.repeat(10_000))).toBe(false);
});
