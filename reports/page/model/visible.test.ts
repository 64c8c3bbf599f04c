import { describe, expect, test } from 'vitest';
import { visible, visibleLines } from './visible.ts';

describe('what is shown of a text', () => {
  test.each([
    ['plain words, <b>markup</b> and ünïcödé 漢字', 'plain words, <b>markup</b> and ünïcödé 漢字'],
    ['\u001b[31mred', '\\x1b[31mred'],
    ['a\u202eb\u2066c', 'a\\u{202e}b\\u{2066}c'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
    ['filler \u3164', 'filler \\u{3164}'],
    ['lone \ud800 half', 'lone \\u{d800} half'],
    ['a\nb\tc\r\0', 'a\\x0ab\\x09c\\x0d\\x00'],
    ['line\u2028end', 'line\\u{2028}end'],
  ])('%j', (text, expected) => {
    expect(visible(text)).toBe(expected);
  });

  test('marks do not pile up', () => {
    expect(visible(`a${'\u0301'.repeat(6)}`)).toBe(`a${'\u0301'.repeat(4)}\\u{0301}\\u{0301}`);
  });

  test('what is too long is cut, and says by how much', () => {
    expect(visible('x'.repeat(1_000_000), 5)).toBe('xxxxx… 999995 more characters');
    expect(visible('abc😀def', 4)).toBe('abc… 5 more characters');
  });
});

describe('what is shown of lines', () => {
  test('line ends and tabs stay, other controls do not', () => {
    expect(visibleLines('a\tb\r\nc\u001b\rd\u202e')).toBe('a\tb\nc\\x1b\\x0dd\\u{202e}');
  });

  test('each line is cut for itself, and too many lines are', () => {
    expect(visibleLines('aaaa\nb\nc\nd', 2, 2)).toBe('aa… 2 more characters\nb\n… 2 more lines');
  });
});
