import { expect, test } from 'vitest';
import { prepareGuest, runOnce, runSchedule } from '../../src/guest/index.ts';
import { openCache } from '../../src/lib/cache.ts';
import { kernelIdSchema } from '../../src/lib/ids.ts';
import { PLAIN_JOB, serializeJob } from '../../src/lib/job.ts';
import type { Payload } from '../../src/lib/payload.ts';
import { loadCatalogue, provisionTarget } from '../../src/provision/index.ts';
import { optionsHere, payloadOf, skipUnlessReady } from './here.ts';

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

/** Applets of busybox, each learned and then held to what was learned: its own words have to be the same. */
const APPLETS = [
  'cat /etc/passwd',
  'sort /etc/passwd',
  'grep root /etc/passwd',
  'wc -c /etc/passwd',
  'head -n 1 /etc/group',
  'ls /etc',
  'cp /etc/passwd copy',
  'mkdir made',
  'touch touched',
  'ln -s nowhere link',
  'rm given',
  'mv given taken',
  'sed -i s/given/taken/ given',
  'tar cf archive given',
  'gzip given',
  'sh -c "for i in 1 2; do cat given | wc -l; done; echo x > y; cat y"',
  'find . -name given',
  'md5sum given',
  'chmod 600 given',
  'dd if=/dev/zero of=zeroes bs=64 count=2',
];

const HELD = /^(\d+) (\S+) held ([\d.]+)$/;

const SCRIPT = `
try() {
  rm -rf /tmp/work; mkdir /tmp/work; cd /tmp/work; echo given > given
  /bin/warden learn --in-place -o /tmp/profile -- busybox "$@" > /tmp/learned 2>&1 < /dev/null || { echo "$n $1 not learned: $(tail -n 1 /tmp/learned)"; return; }
  cd /; rm -rf /tmp/work; mkdir /tmp/work; cd /tmp/work; echo given > given
  /bin/warden run -p /tmp/profile -- busybox "$@" > /tmp/held 2>&1 < /dev/null
  [ $? = 0 ] && cmp -s /tmp/learned /tmp/held || { echo "$n $1 differs: $(tail -n 1 /tmp/held)"; return; }
  echo "$n $1 held $(sed -n 's/^# Tightness: \\([0-9.]*\\).*/\\1/p' /tmp/profile)"
}
n=0
${APPLETS.map((applet) => `n=$((n+1)); try ${applet}`).join('\n')}
`;

async function expectApplets(payload: Payload): Promise<void> {
  const limitSeconds = 300;
  const job = {
    ...PLAIN_JOB,
    ...{ limitMs: limitSeconds * 1000, argv: ['/bin/busybox', 'sh', '-c', SCRIPT], env: ['PATH=/bin'] },
  };
  const { end, console } = await runOnce(payload, 'live', serializeJob(job, 'applets'), {
    limitSeconds,
    signal,
  });
  expect(end).toEqual({ kind: 'finished' });
  const lines = console.filter((line) => line.startsWith('| ')).map((line) => line.slice(2));
  expect(lines.filter((line) => !HELD.test(line))).toEqual([]);
  expect(lines.map((line) => HELD.exec(line)?.[2])).toEqual(APPLETS.map((applet) => applet.split(' ')[0]));
  for (const line of lines) expect(Number(HELD.exec(line)?.[3]), line).toBeGreaterThanOrEqual(95);
}

test.each(['x86_64', 'arm', 'mipsel'] as const)(
  'applets of busybox are learned and held to it: %s',
  { timeout: 900_000 },
  async (arch) => await expectApplets(await payloadOf(arch, 'learn')),
);

test.for(['x86_64', 'arm', 'mips', 'mipsel'] as const)(
  'the same on the oldest kernel, where there is neither Landlock nor user notification: %s/4.10',
  { timeout: 900_000 },
  async (arch, context) => {
    const catalogue = await loadCatalogue();
    const target = { arch, kernel: kernelIdSchema.parse('4.10') };
    const options = await optionsHere(catalogue);
    await skipUnlessReady(target, catalogue, options, context);
    const provisioned = await provisionTarget(target, {
      ...options,
      catalogue,
      scenarios: [],
      flavour: 'learn',
    });
    if (!provisioned.ok) throw new Error(provisioned.reason);
    await expectApplets(provisioned.payload);
  },
);
