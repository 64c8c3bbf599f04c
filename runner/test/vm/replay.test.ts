import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { scenariosDir } from '../../src/cli/target.ts';
import { GdbRemote } from '../../src/guest/gdb-remote.ts';
import { parseCapsule } from '../../src/lib/capsule.ts';
import { loadScenarios } from '../../src/plan/index.ts';
import { loadCatalogue } from '../../src/provision/index.ts';
import { traceSchema } from '../../src/report/timeline/testing.ts';
import { replay as replayCapsule } from '../../src/run/replay.ts';
import { bin, cacheWithoutBoots, matrix } from './lab.ts';

/** A breach from one file, on a machine that has never seen it. */

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'pf-test-'));
});

afterAll(() => rm(dir, { recursive: true, force: true }));

const replay = (env: NodeJS.ProcessEnv, ...words: string[]) =>
  execa(process.execPath, [bin, 'replay', ...words], { env, reject: false, stdin: 'ignore' });

test('a breach is had again to the bit from a checkpoint of its own, and what differs is named', async () => {
  const flags = [
    '--arch',
    'x86_64,arm,mipsel',
    '--kernel',
    'debian-6.1',
    '--scenario',
    'argv/thread-rewrite',
  ];
  await using run = await matrix('--profile', 'quick', ...flags);
  const { cells } = await run.results();
  expect(cells).toHaveLength(3);
  const env = await cacheWithoutBoots(dir);
  for (const { id, capsules } of cells) {
    expect(capsules, id).toHaveLength(1);
    const file = path.join(run.dir, capsules[0] ?? '');
    const again = await replay(env, file, '--times', '3');
    expect(again.stdout, again.stderr).toMatch(/^3 of 3 replays are the same to the bit: sha256:/m);
    expect(again.stdout).not.toContain('differs');
    expect(again.exitCode).toBe(0);
  }
  const [first = ''] = cells.flatMap(({ capsules }) => capsules);
  await showsTheBreach(env, path.join(run.dir, first));
  await waitsForADebugger(env, path.join(run.dir, first));
  await leavesAShell(env, path.join(run.dir, first));
  const capsule = JSON.parse(await readFile(path.join(run.dir, first), 'utf8'));
  // Another seed for the attack, and a kernel that it was not made with.
  const job = capsule.job.replaceAll(JSON.parse(capsule.job).seed, '1');
  const other = { ...capsule, job, inputs: { ...capsule.inputs, kernel: `sha256:${'0'.repeat(64)}` } };
  const file = path.join(dir, 'other.capsule.json');
  await writeFile(file, JSON.stringify(other));
  const failed = await replay(env, file);
  expect(failed.exitCode, failed.stderr).toBe(1);
  expect(failed.stdout).toMatch(/^differs: kernel: was sha256:0000.*, is sha256:/m);
  expect(failed.stdout).toMatch(/^0 of 1 replays are the same to the bit/m);
});

/** A debugger that comes, looks and lets the guest go on changes nothing. */
async function waitsForADebugger(env: NodeJS.ProcessEnv, file: string): Promise<void> {
  const started = replay(env, file, '--gdb');
  const said = new Promise<string>((resolve) => {
    let text = '';
    started.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('lets it go on')) resolve(text);
    });
    void started.then(() => resolve(text));
  });
  const place = /'target remote (\S+)'/.exec(await said)?.[1] ?? '';
  const socket = connect(place);
  await using gdb = await GdbRemote.open(socket);
  // The capsule is of x86_64.
  expect((await gdb.readRegister(RIP)).readBigUInt64LE()).toBe(CHECKPOINT);
  socket.write('$c#63');
  const shown = await started;
  expect(shown.stdout, shown.stderr).toMatch(/^1 of 1 replays are the same to the bit/m);
  expect(shown.stdout).toMatch(/^ +\d+\.\d{3} agent +end \{\}$/m);
  expect(shown.exitCode).toBe(0);
}

/** A person's shell comes when all is over, and so changes nothing. */
async function leavesAShell(env: NodeJS.ProcessEnv, file: string): Promise<void> {
  const input = new PassThrough();
  let seen = '';
  let typed = false;
  const output = new Writable({
    write(chunk, _, done) {
      seen += chunk;
      if (!typed && seen.includes('/tmp # ')) typed = input.write('echo $((6 * 7)); exit\n');
      done();
    },
  });
  const onEnd = vi.fn(async () => expect(seen).toBe(''));
  const outcome = await replayCapsule({
    ...{ capsule: parseCapsule(file, await readFile(file, 'utf8')), times: 1, jobs: 1, env },
    ...{ scenarios: await loadScenarios([scenariosDir]), catalogue: await loadCatalogue() },
    ...{ kernelSources: new Map(), signal: AbortSignal.timeout(SHELL_LIMIT_MS) },
    ...{ onProgress: () => undefined, onReplay: () => undefined },
    person: { kind: 'shell', onEnd, typing: { input, output } },
  });
  expect(onEnd).toHaveBeenCalledOnce();
  expect(outcome.same, outcome.digests.join()).toBe(1);
  expect(seen).toMatch(/^42\r?$/m);
}

const SHELL_LIMIT_MS = 120_000;

/** Where an agent is that has a job before it. */
const CHECKPOINT = 0x20_0000n;
/** In gdb's order of x86_64's registers. */
const RIP = 16;

/** What the kernel executed in place of the argv that was judged, in words and in a file for a viewer. */
async function showsTheBreach(env: NodeJS.ProcessEnv, file: string): Promise<void> {
  const out = path.join(dir, 'breach.trace.json');
  const shown = await replay(env, file, '--timeline', '--trace', out);
  expect(shown.exitCode, shown.stderr).toBe(0);
  expect(shown.stdout).toMatch(
    /^ +0\.000 +(0\.000 +)?<?✘ kernel +exec child \d+ \[witness EVIL \d+\] \/bin\/witness$/m,
  );
  expect(shown.stdout).toMatch(/^beside seed \d+, |^none of the 8 seeds behind it passes/m);
  const { traceEvents } = traceSchema.parse(JSON.parse(await readFile(out, 'utf8')));
  const breaches = traceEvents.filter((event) => event.ph === 'i' && event.cat === 'breach');
  expect(breaches).toContainEqual(
    expect.objectContaining({ args: expect.objectContaining({ from: 'hooks', event: 'exec' }) }),
  );
  const approved = traceEvents.filter((event) => event.ph === 'f' && event.name === 'approved');
  expect(approved.length).toBeGreaterThan(9);
}
