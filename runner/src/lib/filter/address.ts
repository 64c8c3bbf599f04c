import { isIP } from 'node:net';
import type { TextNode } from './ast.ts';
import { ExpressionError } from './problem.ts';

/** `10.0.0.1`, `10.0.0.0/8`, `::1`, `fe80::/10` as bytes and how many bits of them count. */
export function addressOf(text: TextNode): { bytes: Uint8Array; bits: number } {
  const [address = '', prefix, ...rest] = Buffer.from(text.bytes).toString('latin1').split('/');
  const version = rest.length === 0 && !address.includes('%') ? isIP(address) : 0;
  if (version === 0)
    throw new ExpressionError(text.at, 'expected an address such as "10.0.0.1", "10.0.0.0/8" or "::1"');
  const bytes = version === 4 ? four(address) : six(address);
  const all = bytes.length * 8;
  const bits = prefix === undefined ? all : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
  if (bits < 0 || bits > all)
    throw new ExpressionError(text.at, `expected a prefix from 0 to ${all} behind the slash`);
  for (let bit = bits; bit < all; bit++) {
    if ((((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) !== 0) {
      throw new ExpressionError(text.at, `${address} has bits behind the first ${bits}`);
    }
  }
  if (
    version === 6 &&
    bytes.slice(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 255 &&
    bytes[11] === 255
  ) {
    throw new ExpressionError(
      text.at,
      'an IPv4 address inside IPv6 is seen as the IPv4 address it is: write that',
    );
  }
  return { bytes, bits };
}

const four = (address: string): Uint8Array => Uint8Array.from(address.split('.').map(Number));

function six(address: string): Uint8Array {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  if (dotted?.[1] && dotted[2]) {
    const [a = 0, b = 0, c = 0, d = 0] = four(dotted[2]);
    return six(`${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`);
  }
  const [before = '', after] = address.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const tail = groups(after ?? '');
  const head = groups(before);
  const middle = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  const all = [...head, ...(after === undefined ? [] : middle), ...tail];
  return Uint8Array.from(
    all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  );
}
