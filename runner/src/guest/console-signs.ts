/**
 * The lines by which a kernel says that it is dying. Guests boot with oops=panic, so that an oops is the end too.
 * Sources: kernel/panic.c; die() and its callers of each arch (arch/*\/kernel/traps.c, fault.c).
 */
const SIGNS = [
  /Kernel panic - not syncing/,
  /\bOops\b.*[:[]/,
  /Internal error: /,
  /Unable to handle kernel /,
  /BUG: (unable to handle|kernel NULL pointer|KASAN|scheduling while atomic|sleeping function)/,
  /kernel BUG at /,
  /general protection fault/,
  /CPU \d+ Unable to handle kernel paging request/,
];

/** Whether a console line is a kernel's last words. Lines of programs stand behind a bar and never are. */
export function isKernelDeath(line: string): boolean {
  return !line.startsWith('| ') && SIGNS.some((sign) => sign.test(line));
}
