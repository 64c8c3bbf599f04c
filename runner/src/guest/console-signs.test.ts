import { expect, test } from 'vitest';
import { isKernelDeath } from './console-signs.ts';

test.each([
  '[    3.1] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100',
  '[    3.1] Oops: 0002 [#1] PREEMPT SMP PTI',
  '[    3.1] Internal error: Oops: 17 [#1] SMP ARM',
  '[    3.1] BUG: unable to handle page fault for address: ffffffffc0000000',
  '[    3.1] BUG: kernel NULL pointer dereference, address: 0000000000000000',
  '[    3.1] CPU 0 Unable to handle kernel paging request at virtual address 00000000, epc == 80100000',
  '[    3.1] kernel BUG at mm/slub.c:305!',
])('a kernel dies with: %s', (line) => {
  expect(isKernelDeath(line)).toBe(true);
});

test.each([
  '[    3.1] Yama: becoming mindful.',
  '[    3.1] Booting Linux on physical CPU 0x0',
  '| Kernel panic - not syncing: said by a program, behind its bar',
  '[    3.1] printk: debug: ignoring loglevel setting.',
])('a kernel lives on after: %s', (line) => {
  expect(isKernelDeath(line)).toBe(false);
});
