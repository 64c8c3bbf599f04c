import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Vm } from '../../src/guest/vm.ts';
import { isRunning } from './running.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'pf-vm-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

it('an abort ends a QEMU that was not yet told to die with its parent', async () => {
  const file = path.join(dir, 'pids');
  // Leads a group of its own as timeout(1) does; whoever it has started does not care that it is gone.
  const supervisor = `#!/bin/sh\nexec setsid sh -c 'sleep 300 & echo "$$ $!" >${file}.new; mv ${file}.new ${file}; wait'\n`;
  await writeFile(path.join(dir, 'setpriv'), supervisor, { mode: 0o755 });
  vi.stubEnv('PATH', `${dir}:${process.env.PATH}`);
  const controller = new AbortController();
  const starting = Vm.start('qemu', () => [], 300, controller.signal);
  starting.catch(() => undefined);
  await expect.poll(() => readFile(file, 'utf8').catch(() => ''), { timeout: 20_000 }).not.toBe('');
  const pids = (await readFile(file, 'utf8')).trim().split(' ');
  controller.abort(new Error('enough'));
  await expect(starting).rejects.toThrow('enough');
  for (const pid of pids) await expect.poll(() => isRunning(pid)).toBe(false);
});
