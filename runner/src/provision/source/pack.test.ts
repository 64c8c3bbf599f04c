import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, it, vi } from 'vitest';
import { machines } from '../../lib/machines/index.ts';
import type { Context } from '../context.ts';
import { bundleOf, bundleThere } from '../source-kernel.ts';
import { buildPlan } from './build-plan.ts';
import { importBundle, packBundle } from './pack.ts';
import { tarOf } from './tar-file.ts';
import { type Lab, lab, madeUpKernel, sha256 } from './testing.ts';

// Each starts a dozen programs, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const planOf = (context: Context, { fragments }: Lab) =>
  buildPlan(context, madeUpKernel(), machines.arm, fragments);

async function packed(place: Lab): Promise<string> {
  const context = place.context();
  const file = path.join(place.dir, 'kernel.tar.gz');
  await packBundle(await bundleOf(context, await planOf(context, place)), file, context.signal);
  return file;
}

const bundlesOf = (place: Lab): Promise<string[]> =>
  readdir(path.join(place.dir, 'cache/entries/kernel-source')).catch(() => []);

it('a packed kernel is found on a machine with another compiler and no source', async () => {
  await using here = await lab();
  await using there = await lab({ gcc: '11.4.0' });
  const file = await packed(here);
  const context = there.context({ kernelSources: new Map() });
  await importBundle(context, file);
  const plan = await planOf(context, there);
  const bundle = await bundleOf(context, plan);
  expect(bundle.manifest.origin).toMatch(/^local tree 6\.13\.7/);
  expect(await readFile(path.join(bundle.dir, 'image'), 'utf8')).toContain('three');
  // What would be built now is another kernel, and a source that somebody names is what counts.
  await writeFile(path.join(there.fragments, 'lab.config'), 'CONFIG_NET=y\n');
  expect(await bundleThere(context, await planOf(context, there))).toBeUndefined();
  const named = there.context();
  expect(await bundleThere(named, plan)).toBeUndefined();
  expect(await packed(here)).toBe(file);
});

it('the same kernel gives the same bytes', async () => {
  await using place = await lab();
  const first = sha256(await readFile(await packed(place)));
  expect(sha256(await readFile(await packed(place)))).toBe(first);
});

it('one altered byte anywhere is refused, and nothing is taken', async () => {
  await using here = await lab();
  await using there = await lab();
  const tar = gunzipSync(await readFile(await packed(here)));
  const file = path.join(there.dir, 'altered.tar.gz');
  const step = Math.ceil(tar.length / 40);
  for (let at = 0; at < tar.length; at += step) {
    const altered = Buffer.from(tar);
    altered[at] = (altered[at] ?? 0) ^ 1;
    await writeFile(file, gzipSync(altered));
    await expect(importBundle(there.context(), file), `byte ${at}`).rejects.toMatchObject({
      code: 'bad-bundle',
      exitStatus: 2,
    });
  }
  expect(await bundlesOf(there)).toEqual([]);
  expect(await readdir(path.join(there.dir, 'cache/state/kernel-imports'))).toEqual([]);
});

it('a file that is cut off, or none, or no packed kernel, is refused', async () => {
  await using here = await lab();
  await using there = await lab();
  const whole = await readFile(await packed(here));
  const file = path.join(there.dir, 'file');
  for (const content of [
    whole.subarray(0, whole.length - 9),
    Buffer.from('hello'),
    Buffer.alloc(0),
    gzipSync('x'),
  ]) {
    await writeFile(file, content);
    await expect(importBundle(there.context(), file)).rejects.toMatchObject({ code: 'bad-bundle' });
  }
  await expect(importBundle(there.context(), `${file}.none`)).rejects.toMatchObject({ code: 'no-such-file' });
});

/** A packed kernel whose maker meant harm: every hash is right. */
async function forged(files: Record<string, string>, more: Record<string, string> = {}): Promise<Buffer> {
  const manifest = Buffer.from(
    JSON.stringify({
      ...{ v: 1, kernel: '6.13', arch: 'arm', release: '6.13', origin: 'release 6.13' },
      ...{ toolchain: { compiler: 'c', make: [] }, inputs: { build: 1, source: 2, compiler: 'c' } },
      files: Object.fromEntries(
        Object.entries(files).map(([name, text]) => [name, { sha256: sha256(text) }]),
      ),
    }),
  );
  const member = (name: string, from: Buffer) => ({ name, executable: false, bytes: from.length, from });
  const members = [
    member('manifest.sha256', Buffer.from(`${sha256(manifest)}\n`)),
    member('manifest.json', manifest),
    ...Object.entries({ ...files, ...more }).map(([name, text]) => member(name, Buffer.from(text))),
  ];
  return gzipSync(await buffer(tarOf(members)));
}

it('a name that leads out of its folder is refused, as is what the manifest does not have', async () => {
  await using place = await lab();
  const file = path.join(place.dir, 'forged.tar.gz');
  const bad: [Record<string, string>, Record<string, string>?][] = [
    [{ image: 'x', '../escaped': 'y' }],
    [{ image: 'x', '/tmp/pf-escaped': 'y' }],
    [{ image: 'x', 'build/../../escaped': 'y' }],
    [{ image: 'x', 'a//b': 'y' }],
    [{ image: 'x', a: 'file', 'a/b': 'below a file' }],
    [{ image: 'x' }, { extra: 'y' }],
    [{ other: 'x' }],
  ];
  for (const [files, more] of bad) {
    await writeFile(file, await forged(files, more));
    await expect(importBundle(place.context(), file), Object.keys(files).join()).rejects.toMatchObject({
      code: 'bad-bundle',
    });
  }
  await writeFile(file, await forged({ image: 'x' }));
  await importBundle(place.context(), file);
  expect(await bundlesOf(place)).toHaveLength(1);
});

it('a link is refused, wherever it leads', async () => {
  await using place = await lab();
  const tar = gunzipSync(await forged({ image: '' }));
  const at = tar.indexOf('image\0');
  tar.write('2', at + 156, 'latin1');
  const header = tar.subarray(at, at + 512);
  let sum = 0;
  for (const [index, byte] of header.entries()) sum += index >= 148 && index < 156 ? 0x20 : byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const file = path.join(place.dir, 'link.tar.gz');
  await writeFile(file, gzipSync(tar));
  await expect(importBundle(place.context(), file)).rejects.toThrow(/image is not a plain file/);
});
