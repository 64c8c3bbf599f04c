import { UserError } from '../lib/errors.ts';
import type { Shard } from '../lib/verdict.ts';

/** What people write behind flags, parsed; everything wrong is a UserError that shows what was expected. */

const MAX_SEED = 2n ** 64n - 1n;

function bad(flag: string, given: string, expected: string): UserError {
  return new UserError(`${flag} ${given}: ${expected}`, { code: 'bad-flag' });
}

export function parseSeed(flag: string, given: string): string {
  if (!/^\d{1,20}$/.test(given) || BigInt(given) > MAX_SEED) {
    throw bad(flag, given, `a decimal number from 0 to ${MAX_SEED} is expected`);
  }
  return BigInt(given).toString();
}

export function parseCount(flag: string, given: string, most = 1_000_000): number {
  const value = /^\d{1,9}$/.test(given) ? Number(given) : 0;
  if (value < 1 || value > most) throw bad(flag, given, `a whole number from 1 to ${most} is expected`);
  return value;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** A time such as 90s, 10m or 2h, in seconds. */
export function parseTime(flag: string, given: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,5})([smh])$/.exec(given) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? Number.NaN);
  if (Number.isNaN(seconds)) throw bad(flag, given, 'a time is expected, such as 90s, 10m or 2h');
  return seconds;
}

export function parseShard(flag: string, given: string): Shard {
  const match = /^([1-9]\d{0,4})\/([1-9]\d{0,4})$/.exec(given);
  const index = Number(match?.[1]);
  const count = Number(match?.[2]);
  if (!match || index > count) throw bad(flag, given, 'i/n with 1 ≤ i ≤ n is expected, such as 2/4');
  return { index, count };
}

/** `a,b` and repeated flags mean the same. */
export function parseList(flag: string, given: readonly string[]): string[] {
  const names = given.flatMap((text) => text.split(',')).map((name) => name.trim());
  if (names.some((name) => name === ''))
    throw bad(flag, given.join(' '), 'there is an empty name in the list');
  return [...new Set(names)];
}
