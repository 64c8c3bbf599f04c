/**
 * The lines by which a kernel says that it is dying. Guests boot with oops=panic, so that an oops is the end too.
 * Sources: kernel/panic.c; die() and its callers of each arch (arch/*\/kernel/traps.c, fault.c).
 */
const DEATHS = [
  /Kernel panic - not syncing/,
  /\bOops\b.*[:[]/,
  /Internal error: /,
  /Unable to handle kernel /,
  /kernel BUG at /,
  /general protection fault/,
  /CPU \d+ Unable to handle kernel paging request/,
];

/**
 * The first lines of what a kernel's own checks say when they find a bug, after which it goes on with a state that
 * nobody can answer for. From 4.10 to 6.13, where lockdep's have another word in front of them; the first of the two
 * forms of a WARN() is that of all these. Sources: kernel/panic.c, kernel/locking, kernel/rcu, kernel/sched/core.c,
 * lib/debugobjects.c, lib/ubsan.c, mm/.
 */
const SPLATS = [
  /\bWARNING: (CPU: \d+ PID: \d+ at |\S+:\d+ at \S+, CPU#\d+: )/,
  // A lockup may be the host's doing: a guest that is not sealed was perhaps not run in time.
  /\bBUG: (?!soft lockup|workqueue lockup)/,
  /\bBUG [\w-]+ \(.*\): /,
  /\b(INFO|WARNING): (possible (circular locking|recursive locking|irq lock inversion)|\S+-safe -> \S+-unsafe lock order)/,
  /\b(INFO|WARNING): (inconsistent lock state|suspicious RCU usage|trying to register non-static key)/,
  /\bWARNING: (bad (unlock balance|contention) detected|held lock freed|Nested lock was not taken|chain_key collision)/,
  /\bWARNING: (\S+ still has locks held|lock held when returning to user space)/,
  /\bODEBUG: /,
  /\bUBSAN: /,
  /\bpagealloc: (single bit error|memory corruption)/,
  /\bkmemleak: (\d+ new suspected memory leaks|.*(disabled|exceeded|pool empty))/,
];

/**
 * Whether a console line is a kernel's last words, or tells of a bug that it found in itself. Lines of programs stand
 * behind a bar and never are.
 */
export function isKernelTrouble(line: string): boolean {
  return !line.startsWith('| ') && [...DEATHS, ...SPLATS].some((sign) => sign.test(line));
}
