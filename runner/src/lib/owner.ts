import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Names of processes that tell a pid which was used again from its forerunner. */

let own: string | undefined;

/** `<pid>.<start time in ticks after boot>` of this process. */
export function ownName(): string {
  own ??= `${process.pid}.${startTime(readFileSync('/proc/self/stat', 'utf8'))}`;
  return own;
}

/** Whether the process that a name (or what follows a dash after it) was made of still lives. */
export async function ownerIsAlive(name: string): Promise<boolean> {
  const [pid, started] = (name.split('-')[0] ?? '').split('.');
  if (!pid || !/^\d+$/.test(pid)) return false;
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return line !== '' && startTime(line) === started;
}

/** Field 22 of /proc/PID/stat; the second field, a name in brackets, may hold blanks and brackets itself. */
function startTime(line: string): string {
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
