import { readFile } from 'node:fs/promises';

/** A dead process that nobody has waited for yet does not run any more. */
export async function isRunning(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !stat.includes(') Z ');
}
