import path from 'node:path';
import type { Capsule } from '../../lib/capsule.ts';
import type { GuestEvent } from '../../lib/events.ts';
import { jobSchema } from '../../lib/job.ts';
import { projectRoot } from '../../lib/project.ts';
import { printable, shellWord } from '../../report/index.ts';
import type { Stub } from '../../run/replay-person.ts';

/** What a person types who debugs a replay, and what they see of it meanwhile. */

/** `sources`: where gdb is to look for what an attack is made of. */
export function gdbLines(capsule: Capsule, { socket, payload }: Stub, sources: readonly string[]): string[] {
  const { machine, programs, systemMap } = payload;
  const { program, architecture } = machine.gdb;
  const gdb = (commands: readonly string[], ...files: string[]): string => {
    const words = [...commands, `target remote ${socket}`].flatMap((command) => ['-ex', command]);
    return `  ${[program, ...words, ...files].map(shellWord).join(' ')}`;
  };
  const found = [path.join(projectRoot, 'native'), ...sources].flatMap((dir) => ['-d', dir]);
  const endian = machine.elf.bigEndian ? 'big' : 'little';
  const ofPrograms = debuggable(capsule, payload).flatMap((name) => {
    const file = programs.get(name);
    return file === undefined ? [] : [`user space, ${name}:`, gdb([], ...found, file)];
  });
  return [
    'The guest stands still, with its job before it. In another terminal, one of',
    ...ofPrograms,
    `the kernel, ${payload.kernelRelease}, without symbols${systemMap ? ` (its addresses are in ${systemMap})` : ''}:`,
    gdb([`set architecture ${architecture}`, `set endian ${endian}`]),
    'and `continue` there lets it go on.',
  ];
}

/** Paths in the guest, the likeliest first. */
function debuggable({ job, scenario }: Capsule, { attacks }: Stub['payload']): string[] {
  const { argv } = jobSchema.parse(JSON.parse(job));
  const attack = attacks.get(scenario);
  return [...new Set([...(attack?.ok ? [attack.path] : []), ...argv.slice(0, 1), '/bin/witness', '/init'])];
}

/** Milliseconds of guest time since the first event, who says it, and all that they say. */
export function eventLines(): (event: GuestEvent) => string {
  let startedAt: number | undefined;
  return ({ t, from, event, ...rest }) => {
    startedAt ??= t;
    const time = ((t - startedAt) / 1e6).toFixed(3).padStart(12);
    return printable(`${time} ${from.padEnd(6)} ${event} ${JSON.stringify(rest)}`);
  };
}
