import { describe, expect, test } from 'vitest';
import { UserError } from '../lib/errors.ts';
import { parseCount, parseList, parseSeed, parseShard } from './flags.ts';
import { globMatches } from './glob.ts';

describe('flags', () => {
  test('a seed is any number of 64 bits', () => {
    expect(parseSeed('--seed', '18446744073709551615')).toBe('18446744073709551615');
    expect(parseSeed('--seed', '007')).toBe('7');
    for (const bad of ['18446744073709551616', '-1', '1e3', '0x1', '', ' 1', '1.0']) {
      expect(() => parseSeed('--seed', bad), bad).toThrow(UserError);
    }
  });

  test('a count is a whole number from one', () => {
    expect(parseCount('--trials', '12')).toBe(12);
    for (const bad of ['0', '-1', '1.5', 'x', '', '1000001']) {
      expect(() => parseCount('--trials', bad), bad).toThrow(UserError);
    }
  });

  test('a shard is one of its count', () => {
    expect(parseShard('--shard', '2/4')).toEqual({ index: 2, count: 4 });
    for (const bad of ['0/4', '5/4', '1', '1/0', 'a/b', '1/2/3']) {
      expect(() => parseShard('--shard', bad), bad).toThrow(UserError);
    }
  });

  test('a list is split at commas, without doubles, and has no empty names', () => {
    expect(parseList('--arch', ['arm, mips', 'arm'])).toEqual(['arm', 'mips']);
    expect(() => parseList('--arch', ['arm,'])).toThrow(UserError);
  });
});

describe('globs', () => {
  test.each([
    ['*', 'argv/x@arm/6.1', true],
    ['argv/*', 'argv/x', true],
    ['argv/?', 'argv/xy', false],
    ['a.b', 'axb', false],
    ['a-b*', 'a-b/[c]', true],
    ['[ab]', 'a', false],
    ['', '', true],
    ['x', 'xx', false],
  ])('%s against %s: %s', (glob, name, expected) => {
    expect(globMatches(glob, name)).toBe(expected);
  });
});
