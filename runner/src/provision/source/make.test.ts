import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { run } from '../../lib/process.ts';
import { make } from './make.ts';
import { lab, writeFiles } from './testing.ts';

test('what a killed build left at work is waited for', async () => {
  await using made = await lab();
  const tree = path.join(made.dir, 'one-rule');
  await writeFiles(tree, { Makefile: `all:\n\tcp ${made.dir}/said ${made.dir}/seen\n` });
  const objects = path.join(made.dir, 'objects');
  const lock = `${objects}.lock`;
  await writeFiles(made.dir, { said: 'half done' });
  const left = spawn('flock', ['--no-fork', lock, 'sh', '-c', 'echo; read line; echo "$line" > said'], {
    ...{ cwd: made.dir, stdio: ['pipe', 'pipe', 'inherit'] },
  });
  await once(left.stdout, 'data');
  const place = { tree, objects, log: path.join(made.dir, 'log') };
  const building = make(made.context(), place, { words: ['all'], limitSeconds: 60 });
  const { ino } = await stat(lock);
  // proc(5): a line with an arrow is somebody who waits for the lock before it.
  const waiting = new RegExp(`-> FLOCK .*:${ino} `);
  await vi.waitFor(async () => expect(await readFile('/proc/locks', 'utf8')).toMatch(waiting), 30_000);
  left.stdin.end('done\n');
  await building;
  expect(await readFile(path.join(made.dir, 'seen'), 'utf8')).toBe('done\n');
});

test('a log that can no longer be written ends the build with the reason, and nothing else', async () => {
  await using made = await lab();
  const [log, go] = [path.join(made.dir, 'log'), path.join(made.dir, 'go')];
  await run('mkfifo', [log, go], { signal: new AbortController().signal, limitSeconds: 10 });
  const tree = path.join(made.dir, 'one-rule');
  await writeFiles(tree, { Makefile: `all:\n\t@cat ${go}\n` });
  const reader = await open(log, 'r+');
  const place = { tree, objects: path.join(made.dir, 'objects'), log };
  const building = make(made.context(), place, { words: ['all'], limitSeconds: 60 });
  // Opened once the rule runs, which is after the log was.
  const talk = await open(go, 'w');
  await reader.close();
  await talk.writeFile('more than the log takes\n');
  await talk.close();
  await expect(building).rejects.toMatchObject({ code: 'EPIPE' });
});
