import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  BootFailure,
  bootToReady,
  findQemu,
  type Guest,
  prepareGuest,
  runSchedule,
} from '../../src/guest/index.ts';
import { cacheAt, openCache } from '../../src/lib/cache.ts';
import { PLAIN_JOB, serializeJob } from '../../src/lib/job.ts';
import type { Payload } from '../../src/lib/payload.ts';
import { writeCpio } from '../../src/provision/index.ts';
import { resultsSchema } from '../../src/report/index.ts';
import { payloadOf } from './here.ts';
import { bin, fixtures } from './lab.ts';

/** How guests and runners end when nobody planned it. */

const signal = new AbortController().signal;
let dir: string;
let payload: Payload;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'pf-test-'));
  payload = await payloadOf('x86_64');
});

afterAll(() => rm(dir, { recursive: true, force: true }));

/** Boots a guest whose init is this program. */
async function bootWithInit(name: string, source: string, bootLimitSeconds: number): Promise<BootFailure> {
  const program = path.join(dir, name);
  await execa('gcc', ['-static', '-O1', '-x', 'c', '-', '-o', program], { input: source });
  const initramfs = path.join(dir, `${name}.cpio`);
  const console = { kind: 'device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 } as const;
  const content = await readFile(program);
  const init = { kind: 'file', path: 'init', mode: 0o755, content } as const;
  await writeFile(initramfs, writeCpio([{ kind: 'dir', path: 'dev', mode: 0o755 }, console, init]));
  const machine = { ...payload.machine, bootLimitSeconds };
  const broken = { ...payload, initramfs, key: name, machine };
  const boot = prepareGuest(broken, 'sealed', cacheAt(path.join(dir, 'cache')), signal);
  return boot.then(
    () => Promise.reject(new Error('it booted')),
    (error: unknown) => (error instanceof BootFailure ? error : Promise.reject(error)),
  );
}

describe('a guest that never gets ready', () => {
  test('is crashed when its kernel panics, with the console kept', async () => {
    const failure = await bootWithInit('panics', 'int main(void) { return 0; }', 60);
    expect(failure.heard.end).toMatchObject({
      kind: 'crashed',
      detail: expect.stringMatching(/Attempted to kill init/),
    });
    expect(failure.heard.console.join('\n')).toMatch(/Linux version 6\.1/);
  });

  test('is hung when it says nothing within its limit though time moves', async () => {
    const failure = await bootWithInit('spins', 'int main(void) { for (;;) ; }', 5);
    expect(failure.heard.end).toMatchObject({
      kind: 'hung',
      detail: expect.stringMatching(/virtual time moves/),
    });
  });
});

test('a port that somebody else has is the lab’s trouble, said in QEMU’s own words', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const qemu = await findQemu(payload.machine, signal);
    const boot = bootToReady(payload, 'live', qemu, 60, signal, { login: { port } });
    await expect(boot).rejects.toMatchObject({
      code: 'qemu-failed',
      exitStatus: 3,
      message: expect.stringMatching(/could not set up host forwarding rule/i),
    });
  } finally {
    server.close();
  }
});

describe('an engine that does not take its checkpoint over ends its schedule, not the run', () => {
  const job = serializeJob({ ...PLAIN_JOB, limitMs: 10_000, argv: ['/bin/witness', 'GOOD', '1'] }, 'engine');
  const limits = { limitSeconds: 20, signal };
  const withDevices = (guest: Guest, devicesFile: string, restoreSeconds = 120): Guest => {
    if (!guest.forks) throw new Error('this QEMU cannot fork');
    const checkpoint = { ...guest.forks.checkpoint, devicesFile };
    return { ...guest, forks: { ...guest.forks, checkpoint, restoreSeconds } };
  };

  test('when it hangs', async () => {
    await using guest = await prepareGuest(payload, 'sealed', openCache(process.env), signal);
    // Opening it waits for a writer, and QEMU's whole main loop with it.
    const devices = path.join(dir, 'never');
    await execa('mkfifo', [devices]);
    const { end } = await runSchedule(withDevices(guest, devices, 5), job, limits);
    const detail = 'the engine hung: it did not take the checkpoint over within 5 s';
    expect(end).toEqual({ kind: 'error', detail });
    expect((await runSchedule(guest, job, limits)).end).toEqual({ kind: 'finished' });
  });

  test('when it dies', async () => {
    await using guest = await prepareGuest(payload, 'sealed', openCache(process.env), signal);
    const devices = path.join(dir, 'rubbish');
    await writeFile(devices, 'no state of any device');
    const { end } = await runSchedule(withDevices(guest, devices), job, limits);
    expect(end).toMatchObject({
      kind: 'error',
      detail: expect.stringMatching(/QEMU could not move the guest|the engine died: QEMU/),
    });
  });
});

/** Pids of QEMUs that carry a mark in their environment. */
async function marked(mark: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found: string[] = [];
  for (const pid of pids) {
    const environ = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    const command = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
    if (environ.includes(mark) && command.startsWith('qemu-system-')) found.push(pid);
  }
  return found;
}

/** A folder with an attack that no payload has held before: its guest has to be booted anew. */
async function neverSeen(parent: string): Promise<string> {
  const folder = path.join(parent, 'scenarios');
  await cp(path.join(fixtures, 'verdict/breached'), path.join(folder, 'verdict/fresh'), { recursive: true });
  const mark = `__attribute__((used)) static const char mark[] = "${parent}";\n`;
  await appendFile(path.join(folder, 'verdict/fresh/attack.c'), mark);
  return folder;
}

async function until(condition: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    if (await condition()) return true;
    await delay(50);
  }
  return condition();
}

describe('a runner that is killed', () => {
  test.each([
    ['while it makes a checkpoint', ['--arch', 'x86_64'], true],
    ['among its schedules', ['--arch', 'x86_64,arm'], false],
  ])('%s leaves no QEMU and no folder, and the next run works', async (_when, flags, fresh) => {
    const mark = `PF_MARK=${path.basename(dir)}-${flags.join('-')}`;
    const temporary = await mkdtemp(path.join(tmpdir(), 'pf-kill-'));
    const env = { ...process.env, TMPDIR: temporary, PF_MARK: mark.slice('PF_MARK='.length) };
    const own = fresh ? ['--scenarios', await neverSeen(temporary)] : [];
    const one = ['--scenario', 'fork/raw-fork', '--kernel', 'debian-6.1', '--profile', 'quick'];
    const words = [bin, 'matrix', ...one, ...own, ...flags];
    const start = (out: string, stdio: 'ignore' | 'pipe') =>
      spawn(process.execPath, [...words, '--out', path.join(temporary, out)], { env, stdio });
    try {
      const runner = start('killed', 'ignore');
      expect(await until(async () => (await marked(mark)).length > 0, 300_000)).toBe(true);
      runner.kill('SIGKILL');
      expect(await until(async () => (await marked(mark)).length === 0, 5_000)).toBe(true);

      const next = await execa(process.execPath, [...words, '--out', path.join(temporary, 'next')], {
        env,
        reject: false,
      });
      expect(next.exitCode, next.stdout + next.stderr).toBe(0);
      const left = (await readdir(temporary)).filter((name) => name.startsWith('photofinish-'));
      expect(left).toEqual([]);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
});

test('a run that was killed goes on with the cells that are left', async () => {
  const out = path.join(dir, 'interrupted');
  const scenarios = ['--scenario', 'fork/raw-fork,lifecycle/warden-killed'];
  const words = [bin, 'matrix', ...scenarios, '--arch', 'x86_64', '--kernel', 'debian-6.1'];
  const journal = () => readFile(path.join(out, 'journal.ndjson'), 'utf8').catch(() => '');
  const cellsIn = (text: string) => text.split('\n').filter((line) => line.startsWith('{"kind":"cell"'));
  const runner = spawn(process.execPath, [...words, '--profile', 'quick', '--jobs', '1', '--out', out]);
  expect(await until(async () => cellsIn(await journal()).length > 0, 300_000)).toBe(true);
  runner.kill('SIGKILL');
  await once(runner, 'exit');
  const before = cellsIn(await journal());
  expect(before).toHaveLength(1);

  const resumed = await execa(process.execPath, [bin, 'matrix', '--resume', out], { reject: false });
  expect(resumed.exitCode, resumed.stdout + resumed.stderr).toBe(0);
  const after = cellsIn(await journal());
  expect(after).toHaveLength(2);
  expect(after[0]).toBe(before[0]);
  const { cells } = resultsSchema.parse(JSON.parse(await readFile(path.join(out, 'results.json'), 'utf8')));
  expect(cells.map(({ verdict }) => verdict)).toEqual(['held', 'held']);

  // As it would be had another QEMU run the cells: none of them stands.
  const text = (await journal()).replace(
    /("payload":"[0-9a-f]+ on QEMU )[^"]+/g,
    (_, key: string) => `${key}0.0.1`,
  );
  expect(text).toContain('on QEMU 0.0.1');
  await writeFile(path.join(out, 'journal.ndjson'), text);
  const again = await execa(process.execPath, [bin, 'matrix', '--resume', out], { reject: false });
  expect(again.exitCode, again.stdout + again.stderr).toBe(0);
  expect(cellsIn(await journal())).toHaveLength(4);
});
