import { LabError } from '../lib/errors.ts';
import type { Qmp } from './qmp.ts';

/**
 * Has QEMU's gdb stub listen on a socket of a person's, in place of the one that was ours. QEMU makes the new one before it
 * lets go of the old, and both would have one name (gdbserver_start() in gdbstub/system.c), so the old one goes first.
 */
export async function openStub(qmp: Qmp, socket: string): Promise<void> {
  await monitor(qmp, 'gdbserver none');
  const said = await monitor(qmp, `gdbserver unix:${socket},server=on,wait=off`);
  if (!said.startsWith('Waiting for gdb')) {
    throw new LabError(`QEMU opens no gdb socket: ${said.trim()}`, { code: 'gdb-stub' });
  }
}

/** A command that only the monitor for people has; its answer is text. */
async function monitor(qmp: Qmp, command: string): Promise<string> {
  return String(await qmp.call('human-monitor-command', { 'command-line': command }));
}
