import { expect, test } from 'vitest';
import { prepareGuest, runSchedule } from '../../src/guest/index.ts';
import { openCache } from '../../src/lib/cache.ts';
import { PLAIN_JOB, serializeJob } from '../../src/lib/job.ts';
import { payloadOf } from './here.ts';

/** `warden learn` on kernels and arches of the lab; what it promises is tested on the host (native/warden/test). */

const signal = new AbortController().signal;
const LIMIT_SECONDS = 30;

const learning = (...command: string[]): string =>
  serializeJob(
    {
      ...PLAIN_JOB,
      limitMs: LIMIT_SECONDS * 1000,
      argv: ['/bin/warden', 'learn', '--in-place', '--', ...command],
    },
    'learn',
  );

/** What a list of the profile has, comments aside. */
const listed = (lines: readonly string[], section: string, key: string): string[] => {
  const from = lines.indexOf(`${key} = [`, lines.indexOf(`[${section}]`)) + 1;
  return lines.slice(from, lines.indexOf(']', from)).map((line) => line.replace(/^ *"(.*)",.*$/, '$1'));
};

test.each(['x86_64', 'arm', 'mipsel'] as const)(
  'a profile of what was run, and none of what could not be: %s',
  { timeout: 600_000 },
  async (arch) => {
    await using guest = await prepareGuest(await payloadOf(arch), 'sealed', openCache(process.env), signal);
    const run = (...command: string[]) =>
      runSchedule(guest, learning(...command), { limitSeconds: LIMIT_SECONDS, signal });
    const { end, events, console } = await run('/bin/witness', 'GOOD', '1');
    const lines = console.map((line) => line.replace(/^\| /, ''));
    expect(end).toEqual({ kind: 'finished' });
    expect(events).toContainEqual(expect.objectContaining({ event: 'ran', argv1: 'GOOD', from: 'attack' }));
    expect(lines).toContain('exec = "/bin/witness"');
    expect(lines).toContain('args = ["GOOD", "1"]');
    expect(listed(lines, 'filesystem', 'read')).toEqual(['/bin/witness']);
    expect(lines).toContain('write = []');
    const calls = listed(lines, 'syscalls', 'allow');
    expect(calls).toEqual(expect.arrayContaining(['exit_group', 'getpid', 'write']));
    expect(calls).not.toContain('execve');
    expect(lines).toContain('processes = 1');

    const none = await run('/bin/nobody');
    expect(none.events).toContainEqual(expect.objectContaining({ event: 'exit', status: 127 }));
    expect(none.console.join('\n')).toMatch(/nobody: it could not be run: no profile is written/);
  },
);
