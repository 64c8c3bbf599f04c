import { expect, test } from 'vitest';
import { isKernelTrouble } from './console-signs.ts';

test.each([
  '[    3.1] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100',
  '[    3.1] Oops: 0002 [#1] PREEMPT SMP PTI',
  '[    3.1] Internal error: Oops: 17 [#1] SMP ARM',
  '[    3.1] BUG: unable to handle page fault for address: ffffffffc0000000',
  '[    3.1] BUG: kernel NULL pointer dereference, address: 0000000000000000',
  '[    3.1] CPU 0 Unable to handle kernel paging request at virtual address 00000000, epc == 80100000',
  '[    3.1] kernel BUG at mm/slub.c:305!',
])('a kernel dies with: %s', (line) => {
  expect(isKernelTrouble(line)).toBe(true);
});

test.each([
  '[    3.1] WARNING: CPU: 0 PID: 1 at kernel/fork.c:12 copy_process+0x10/0x20',
  '[    3.1] WARNING: CPU: 0 PID: 1 at pf_init+0x10/0x20 [photofinish]',
  '[    3.1] WARNING: lib/refcount.c:28 at refcount_warn_saturate+0x1/0x2, CPU#0: init/1',
  '[    3.1] BUG: KASAN: slab-use-after-free in pf_ring_put+0x10/0x20 [photofinish]',
  '[    3.1] BUG: sleeping function called from invalid context at mm/slab.h:421',
  '[    3.1] BUG: scheduling while atomic: init/1/0x00000002',
  '[    3.1] BUG: using smp_processor_id() in preemptible [00000000] code: init/1',
  '[    3.1] BUG: MAX_LOCKDEP_ENTRIES too low!',
  '[    3.1] BUG kmalloc-64 (Tainted: G           O   ): Poison overwritten',
  '[    3.1] WARNING: possible circular locking dependency detected',
  '[    3.1] [ INFO: possible circular locking dependency detected ]',
  '[    3.1] [ INFO: possible recursive locking detected ]',
  '[    3.1] WARNING: possible irq lock inversion dependency detected',
  '[    3.1] WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected',
  '[    3.1] [ INFO: inconsistent lock state ]',
  '[    3.1] [ BUG: held lock freed! ]',
  '[    3.1] [ BUG: Invalid wait context ]',
  '[    3.1] WARNING: bad unlock balance detected!',
  '[    3.1] WARNING: init/1 still has locks held!',
  '[    3.1] WARNING: lock held when returning to user space!',
  '[    3.1] WARNING: suspicious RCU usage',
  '[    3.1] [ INFO: suspicious RCU usage. ]',
  '[    3.1] INFO: trying to register non-static key.',
  '[    3.1] ODEBUG: free active (active state 0) object: 00000000 object type: timer_list',
  '[    3.1] UBSAN: array-index-out-of-bounds in kernel/fork.c:12:3',
  '[    3.1] pagealloc: memory corruption',
  '[    3.1] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)',
  '[    3.1] kmemleak: Kernel memory leak detector disabled',
  '[    3.1] kmemleak: Early log buffer exceeded (17000), please increase DEBUG_KMEMLEAK_EARLY_LOG_SIZE',
  '~PF1 12 agent 50[    3.1] WARNING: possible recursive locking detected',
])('a kernel has found a bug with: %s', (line) => {
  expect(isKernelTrouble(line)).toBe(true);
});

test.each([
  '[    3.1] Yama: becoming mindful.',
  '[    3.1] Booting Linux on physical CPU 0x0',
  '| Kernel panic - not syncing: said by a program, behind its bar',
  '| WARNING: CPU: 0 PID: 1 at a program',
  '[    3.1] printk: debug: ignoring loglevel setting.',
  '[    3.1] WARNING: Support for the device is going away',
  '[    3.1] watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [init:1]',
  '[    3.1] rcu: RCU debug extended QS entry/exit.',
  '[    3.1] kmemleak: Kernel memory leak detector initialized (mem pool available: 14839)',
  '[    3.1] kasan: KernelAddressSanitizer initialized (generic)',
])('a kernel lives on after: %s', (line) => {
  expect(isKernelTrouble(line)).toBe(false);
});
