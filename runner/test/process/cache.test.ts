import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cacheAt, cacheKey, cacheRoot } from '../../src/lib/cache.ts';
import { LabError } from '../../src/lib/errors.ts';

const CACHE_MODULE = new URL('../../src/lib/cache.ts', import.meta.url).pathname;
let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pf-cache-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A second process that runs a few lines with `cache` at hand. */
function otherProcess(code: string) {
  const script = `import { cacheAt } from ${JSON.stringify(CACHE_MODULE)};
    import { writeFile } from 'node:fs/promises'; import path from 'node:path';
    const cache = cacheAt(${JSON.stringify(root)});\n${code}`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: path.dirname(CACHE_MODULE),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

const age = async (dir: string): Promise<void> => {
  const longAgo = new Date(Date.now() - 30 * 86_400_000);
  await utimes(dir, longAgo, longAgo);
};

it('the key does not depend on the order of the inputs, but on every value', () => {
  expect(cacheKey({ a: 1, b: [1, 2] })).toBe(cacheKey({ b: [1, 2], a: 1 }));
  expect(cacheKey({ a: 1, b: [1, 2] })).not.toBe(cacheKey({ a: 1, b: [2, 1] }));
  expect(cacheKey({ a: '1' })).not.toBe(cacheKey({ a: 1 }));
});

it('XDG_CACHE_HOME is followed when it is absolute', () => {
  expect(cacheRoot({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/photofinish');
  expect(cacheRoot({ XDG_CACHE_HOME: 'x', HOME: '/h' })).toBe('/h/.cache/photofinish');
});

it('an entry is built once, by whoever of two callers comes first', async () => {
  const cache = cacheAt(root);
  let builds = 0;
  const build = async (dir: string): Promise<void> => {
    builds += 1;
    await writeFile(path.join(dir, 'file'), 'content');
  };
  const [a, b] = await Promise.all([cache.entry('k', { n: 1 }, build), cache.entry('k', { n: 1 }, build)]);
  expect(a).toBe(b);
  await cache.entry('k', { n: 1 }, build);
  expect(builds).toBe(1);
});

it('a failed build leaves nothing, and the next one is tried', async () => {
  const cache = cacheAt(root);
  const failing = cache.entry('k', 'x', async (dir) => {
    await writeFile(path.join(dir, 'half'), '');
    throw new Error('no luck');
  });
  await expect(failing).rejects.toThrow('no luck');
  expect(await readdir(path.join(root, 'entries/k'))).toEqual([]);
  expect(await cache.find('k', 'x')).toBeUndefined();
  expect(await cache.entry('k', 'x', async () => undefined)).toContain('entries/k/');
});

it('of two processes that build the same, both get one whole entry', async () => {
  const code = `
    const dir = await cache.entry('k', 'both', async (dir) => {
      process.stdout.write('building\\n');
      await new Promise((go) => process.stdin.once('data', go));
      for (let i = 0; i < 50; i++) await writeFile(path.join(dir, String(i)), String(process.pid));
    });
    console.log(dir); process.stdin.destroy();`;
  const racers = [otherProcess(code), otherProcess(code)];
  const output = racers.map(() => '');
  racers.forEach((racer, i) => {
    racer.stdout.on('data', (chunk: Buffer) => {
      output[i] += chunk.toString();
    });
  });
  await Promise.all(racers.map((racer) => once(racer.stdout, 'data')));
  for (const racer of racers) racer.stdin.write('go\n');
  const ends = await Promise.all(racers.map((racer) => once(racer, 'exit')));
  expect(ends.map(([status]) => status)).toEqual([0, 0]);
  const [dir] = await readdir(path.join(root, 'entries/k'));
  const files = await readdir(path.join(root, 'entries/k', String(dir)));
  const writers = await Promise.all(
    files.map((file) => readFile(path.join(root, 'entries/k', String(dir), file), 'utf8')),
  );
  expect(files).toHaveLength(50);
  expect(new Set(writers).size).toBe(1);
  expect(await readdir(path.join(root, 'entries/k'))).toHaveLength(1);
});

it('prune removes what is old, keeps what a live process uses, and takes it once that process is gone', async () => {
  const user = otherProcess(`console.log(await cache.entry('k', 'used', async () => {}));
    await new Promise((end) => process.stdin.once('data', end)); process.exit();`);
  const [line] = await once(user.stdout, 'data');
  const used = String(line).trim();
  const old = path.join(root, 'entries/k/old');
  const young = path.join(root, 'entries/k/young');
  await Promise.all([mkdir(old), mkdir(young)]);
  await Promise.all([age(used), age(old)]);

  const first = await cacheAt(root).prune({ olderThanDays: 7 });
  expect(first.removed.map((item) => item.dir)).toEqual([old]);
  expect(first.inUse.map((item) => item.dir)).toEqual([used]);
  user.stdin.write('end\n');
  await once(user, 'exit');
  const second = await cacheAt(root).prune({ olderThanDays: 7 });
  expect(second.removed.map((item) => item.dir)).toEqual([used]);
  expect((await cacheAt(root).list()).map((item) => item.dir)).toEqual([young]);
});

it('of several that prune at once each entry is removed by one, and nobody fails', async () => {
  const names = Array.from({ length: 20 }, (_, at) => `old-${at}`);
  for (const name of names) {
    await mkdir(path.join(root, 'entries/k', name), { recursive: true });
    await age(path.join(root, 'entries/k', name));
  }
  const prunes = await Promise.all([1, 2, 3].map(() => cacheAt(root).prune({ olderThanDays: 7 })));
  expect(prunes.flatMap(({ removed }) => removed.map(({ key }) => key)).sort()).toEqual([...names].sort());
  expect(prunes.flatMap(({ inUse }) => inUse)).toEqual([]);
});

it('what a killed builder left is removed by prune, work in progress is not', async () => {
  const builder = otherProcess(`await cache.entry('k', 'slow', async () => {
      console.log('building'); await new Promise(() => setInterval(() => {}, 1000)); });`);
  await once(builder.stdout, 'data');
  await cacheAt(root).prune({ olderThanDays: 0 });
  expect(await readdir(path.join(root, 'entries/k'))).toHaveLength(1);
  builder.kill('SIGKILL');
  await once(builder, 'exit');
  await cacheAt(root).prune({ olderThanDays: 0 });
  expect(await readdir(path.join(root, 'entries/k'))).toEqual([]);
  expect(await readdir(path.join(root, 'users'))).toEqual([]);
});

it.each([
  Object.assign(new Error('write'), { code: 'ENOSPC' }),
  new LabError('tar failed with status 2:\ntar: x: No space left on device', { code: 'program-failed' }),
])('a full disk is one clear line, whoever met it: %s', async (full) => {
  const entry = cacheAt(root).entry('k', 'x', () => Promise.reject(full));
  await expect(entry).rejects.toMatchObject({
    code: 'disk-full',
    exitStatus: 3,
    message: expect.stringContaining(root),
  });
});
