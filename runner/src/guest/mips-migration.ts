import { LabError } from '../lib/errors.ts';
import type { Machine } from '../lib/machines/index.ts';
import type { GdbRemote } from './gdb-remote.ts';
import type { Qmp } from './qmp.ts';

/** What QEMU leaves out of a mips CPU when it migrates it (target/mips/system/machine.c), made up for on both sides. */

/** MIPS_HFLAG_BMASK of target/mips/cpu.h: the next instruction is the delay slot of a branch that was executed. */
const IN_DELAY_SLOT = 0x87f800;
/** About one stop in 75 is in a delay slot. */
const MOST_STOPS = 100;

/** CP0 Cause in gdb's order of mips registers (gdb/features/mips-cp0.xml), and its bit that stops the counter. */
const CAUSE = 36;
const CAUSE_DC = 1 << 27;

/**
 * Lets a stopped CPU go on until it stops elsewhere than in a delay slot: that a branch is under way is not migrated, and
 * the restored CPU would go on behind it instead of where it leads. Every fork of such a checkpoint went astray.
 */
export async function leaveDelaySlot(qmp: Pick<Qmp, 'call'>): Promise<void> {
  for (let stops = 0; stops < MOST_STOPS; stops++) {
    if (((await cpuFlags(qmp)) & IN_DELAY_SLOT) === 0) return;
    await qmp.call('cont');
    await qmp.call('stop');
  }
  throw new LabError(`the guest was stopped in a delay slot ${MOST_STOPS} times in a row`, {
    code: 'in-delay-slot',
  });
}

/** `hflags`, which mips_cpu_dump_state() of target/mips/cpu.c shows behind `ds`. */
async function cpuFlags(qmp: Pick<Qmp, 'call'>): Promise<number> {
  const text = await qmp.call('human-monitor-command', { 'command-line': 'info registers' });
  const flags = typeof text === 'string' ? /^pc=.* ds ([0-9a-f]+) /m.exec(text)?.[1] : undefined;
  if (flags === undefined) {
    throw new LabError('QEMU shows the registers of a mips CPU in another way than it did', {
      code: 'qemu-registers',
    });
  }
  return Number.parseInt(flags, 16);
}

/**
 * Arms the timer of a restored CPU: until its counter wraps a guest that was asleep would stay so. Stopping the counter and letting it go on at the same moment arms the
 * timer for what is in Compare, and changes nothing else (cpu_mips_start_count() in target/mips/system/cp0_timer.c).
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
