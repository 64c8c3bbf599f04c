import { expect, it } from 'vitest';
import { run, superviseArgv } from '../../src/lib/process.ts';
import { isRunning } from './running.ts';

const signal = new AbortController().signal;
const base = { signal, limitSeconds: 20 };

it('output, error output and input go through', async () => {
  const result = await run('sh', ['-c', 'cat; echo err >&2'], { ...base, input: 'in' });
  expect(result).toEqual({ stdout: 'in', stderr: 'err\n', status: 0, truncated: false });
});

it('a failure carries the last lines the program said', async () => {
  const failing = run('sh', ['-c', 'seq 1 100 >&2; echo the reason >&2; exit 7'], base);
  await expect(failing).rejects.toMatchObject({
    code: 'program-failed',
    message: expect.stringMatching(/^sh failed with status 7:\n94\n(.*\n)*the reason$/),
  });
});

it('a status that is expected is no failure', async () => {
  expect((await run('sh', ['-c', 'exit 1'], { ...base, accept: [0, 1] })).status).toBe(1);
});

it('a program that is not there is said to be missing', async () => {
  await expect(run('/no/such/program', [], base)).rejects.toMatchObject({ code: 'program-missing' });
});

it('a program that somebody ends is not said to be missing', async () => {
  const ended = run('sh', ['-c', 'echo words >&2; kill -TERM $$'], base);
  const message = 'sh was killed by SIGTERM:\nwords';
  await expect(ended).rejects.toMatchObject({ code: 'program-killed', message });
});

it('only the newest output is kept when there is too much', async () => {
  const result = await run('sh', ['-c', 'seq 1 100000'], { ...base, outputLimit: 20 });
  expect(result.truncated).toBe(true);
  expect(result.stdout).toBe('98\n99999\n100000\n'.padStart(20, result.stdout.slice(0, 20 - 16)));
});

it('the environment is only what was given', async () => {
  const result = await run('env', [], { ...base, env: { PATH: process.env.PATH, A: '1', B: undefined } });
  expect(
    result.stdout
      .split('\n')
      .filter((line) => !line.startsWith('PATH='))
      .sort(),
  ).toEqual(['', 'A=1']);
});

it('a program that takes too long and will not end is ended all the same, and late', async () => {
  const deaf = run('sh', ['-c', "trap '' TERM; while :; do sleep 1; done"], { ...base, limitSeconds: 1 });
  await expect(deaf).rejects.toMatchObject({ code: 'program-timed-out' });
});

it('a program that takes too long is ended together with its children', async () => {
  const slow = run('sh', ['-c', 'sleep 300 & echo $! >&2; wait'], { ...base, limitSeconds: 1 });
  const error = await slow.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'program-timed-out', message: expect.stringContaining('within 1 s') });
  const child = /\d+$/.exec(error instanceof Error ? error.message : '')?.[0];
  expect(child).toBeDefined();
  await expect.poll(() => isRunning(child ?? '')).toBe(false);
});

it.each([0, 1, 2, 4, 8, 16, 32])(
  'an abort after %i ms ends the program and throws the reason',
  async (delayMs) => {
    const controller = new AbortController();
    const running = run('sh', ['-c', 'sleep 300 & sleep 300'], { ...base, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), delayMs);
    await expect(running).rejects.toThrow('enough');
  },
);

it('nothing is started after an abort', async () => {
  const aborted = AbortSignal.abort(new Error('enough'));
  await expect(run('/no/such/program', [], { ...base, signal: aborted })).rejects.toThrow('enough');
});

it('supervised words die with their parent and end in time', () => {
  const [file, args] = superviseArgv(1.5, 'qemu', ['-S']);
  expect([file, ...args].join(' ')).toBe(
    'setpriv --pdeathsig KILL timeout -k 5 2 setpriv --pdeathsig KILL qemu -S',
  );
});
