import type { Machine } from '../lib/machines/index.ts';
import type { GdbRemote } from './gdb-remote.ts';
import { savedField } from './saved-state.ts';

/**
 * What QEMU leaves out of a mips CPU when it migrates it (target/mips/system/machine.c), made up for. That a branch is under
 * way is left out as well, so a guest must not be stopped in a delay slot; at a function's first instruction it is not.
 */

/** CP0 Cause in gdb's order of mips registers (gdb/features/mips-cp0.xml), and its bit that stops the counter. */
const CAUSE = 36;
const CAUSE_DC = 1 << 27;

/** Ticks of the counter, 6.25 ns each on malta: more than rounding takes, less than two instructions of a sealed guest. */
export const POSTPONED_TICKS = 8;

/**
 * Has the timer of a saved CPU expire a moment later. Where time is counted in instructions a guest that stops is taken to
 * its next timer at once, and is saved with Count at Compare: QEMU would arm a restored timer for the next time that
 * they meet, when the counter has wrapped, 26.8 s later (cpu_mips_timer_update() in target/mips/system/cp0_timer.c).
 */
export function postponeTimer(devices: Buffer): void {
  const compare = savedField(devices, 'cpu', 'env.CP0_Compare');
  compare.writeUInt32BE((compare.readUInt32BE() + POSTPONED_TICKS) >>> 0);
}

/**
 * Arms the timer of a restored CPU. Stopping the counter and letting it go on at the same moment arms it for what is in
 * Compare, and changes nothing else (cpu_mips_start_count() in target/mips/system/cp0_timer.c).
 */
export async function rearmTimer(gdb: GdbRemote, machine: Machine): Promise<void> {
  const cause = await gdb.readRegister(CAUSE);
  const { bigEndian } = machine.elf;
  const value = bigEndian ? cause.readUInt32BE() : cause.readUInt32LE();
  const stopped = Buffer.alloc(cause.length);
  if (bigEndian) stopped.writeUInt32BE((value | CAUSE_DC) >>> 0);
  else stopped.writeUInt32LE((value | CAUSE_DC) >>> 0);
  await gdb.writeRegister(CAUSE, stopped);
  await gdb.writeRegister(CAUSE, cause);
}
