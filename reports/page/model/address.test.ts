import { describe, expect, test } from 'vitest';
import { type Address, addressOf, hashOf, NOTHING_ASKED } from './address.ts';

const full: Address = {
  q: 'argv/* & "50%" + ünï',
  verdicts: ['breached', 'hung'],
  unexpected: true,
  targets: ['arm/4.10', 'x86_64/debian-6.1+trace'],
  cell: 'argv/thread-rewrite@x86_64/debian-6.1+trace',
  view: 'trend',
};

describe('the address', () => {
  test('keeps all that is asked for', () => {
    expect(addressOf(hashOf(full))).toEqual(full);
    expect(addressOf(hashOf(NOTHING_ASKED))).toEqual(NOTHING_ASKED);
  });

  test('can be read', () => {
    expect(hashOf({ ...NOTHING_ASKED, cell: 'argv/a@arm/4.10', targets: ['arm/4.10', 'mips/4.10'] })).toBe(
      '#target=arm/4.10,mips/4.10&cell=argv/a@arm/4.10',
    );
  });

  test.each([
    '',
    '#',
    '#%',
    '#%ff%zz&&==&verdict=constructor,__proto__,HELD&view=%00&unexpected=yes&cell=',
    '#top',
  ])('%j asks for nothing', (hash) => {
    expect(addressOf(hash)).toEqual(NOTHING_ASKED);
  });

  test('what is known of a list is kept', () => {
    expect(addressOf('#verdict=held,nonsense,,held,error').verdicts).toEqual(['held', 'error']);
  });

  test('a text without end is cut', () => {
    expect(addressOf(`#q=${'x'.repeat(1_000_000)}`).q.length).toBe(2000);
  });
});
