import { writeFileSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { machines } from '../../lib/machines/index.ts';
import type { SourceKernel } from '../catalogue.ts';
import type { Context } from '../context.ts';
import { bundleOf } from '../source-kernel.ts';
import { buildPlan } from './build-plan.ts';
import { type Lab, lab, madeUpKernel } from './testing.ts';

// Each starts a dozen programs, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const plan = (context: Context, { fragments }: Lab, kernel: SourceKernel = madeUpKernel()) =>
  buildPlan(context, kernel, machines.arm, fragments);

async function built(it_: Lab, changes: Partial<Context> = {}, kernel = madeUpKernel()) {
  const context = it_.context(changes);
  return bundleOf(context, await plan(context, it_, kernel));
}

const bundles = (place: Lab): Promise<string[]> =>
  readdir(path.join(place.dir, 'cache/entries/kernel-source')).catch(() => []);
const workplaces = async (place: Lab): Promise<string[]> =>
  (await readdir(path.join(place.dir, 'cache/state/kernel-build'))).filter((name) => !name.endsWith('.lock'));

it('a tree becomes a bundle, and stays as it was', async () => {
  await using place = await lab();
  const before = await readdir(place.tree, { recursive: true });
  const { dir, manifest } = await built(place);
  expect(await readFile(path.join(dir, 'image'), 'utf8')).toBe('int one(int);\ntwo\nthree\n');
  expect(await readFile(path.join(dir, 'config'), 'utf8')).toBe('CONFIG_NET=y\nCONFIG_INET=y\n');
  expect(manifest).toMatchObject({ release: '6.13.7', arch: 'arm', kernel: '6.13' });
  expect(manifest.origin).toMatch(/^local tree 6\.13\.7 \(sha256:[0-9a-f]{12}…\)$/);
  const names = Object.keys(manifest.files);
  for (const name of [
    'Makefile',
    'include/linux/kernel.h',
    'include/generated/autoconf.h',
    'Module.symvers',
  ]) {
    expect(names).toContain(`build/${name}`);
  }
  expect(names).not.toContain('build/scripts/kconfig/conf.c');
  expect(manifest.files['build/scripts/basic/fixdep']?.executable).toBe(true);
  expect(await readFile(path.join(place.tree, 'one.c'), 'utf8')).toBe('int one(void);\n');
  expect(await readdir(place.tree, { recursive: true })).toEqual(before);
  expect(await workplaces(place)).toEqual([]);
});

it('what was built of a tree that changed meanwhile is not kept', async () => {
  await using place = await lab();
  const file = path.join(place.tree, 'one.c');
  const before = await readFile(file, 'utf8');
  const onStep = (_: string, __: string, detail?: string): void => {
    if (detail === 'configuring') writeFileSync(file, 'int another(void);\n');
  };
  await expect(built(place, { onStep })).rejects.toThrow(/was changed while a kernel was built of it/);
  expect(await bundles(place)).toEqual([]);
  expect(await workplaces(place)).toEqual([]);
  await writeFile(file, before);
  const { dir } = await built(place);
  expect(await readFile(path.join(dir, 'image'), 'utf8')).toBe('int one(int);\ntwo\nthree\n');
});

it('nor what was built of one that was changed and put back', async () => {
  await using place = await lab();
  const file = path.join(place.tree, 'one.c');
  const before = await readFile(file, 'utf8');
  const onStep = (_: string, __: string, detail?: string): void => {
    if (detail !== 'configuring') return;
    writeFileSync(file, 'int another(void);\n');
    writeFileSync(file, before);
  };
  await expect(built(place, { onStep })).rejects.toThrow(/was changed while a kernel was built of it/);
  expect(await bundles(place)).toEqual([]);
  await built(place);
  expect(await bundles(place)).toHaveLength(1);
});

it('it is built again when an input changes, and only then', async () => {
  await using place = await lab();
  await built(place);
  await built(place, { env: { PATH: `${place.bin}:${process.env.PATH}`, FAIL_AT: 'one' } });
  await writeFile(path.join(place.fragments, 'lab.config'), '# other words\nCONFIG_NET=y\n\nCONFIG_INET=y\n');
  const { dir } = await built(place, { ready: true });
  expect(await bundles(place)).toEqual([path.basename(dir)]);
  await writeFile(path.join(place.fragments, 'lab.config'), 'CONFIG_NET=y\n');
  await built(place);
  expect(await bundles(place)).toHaveLength(2);
  await writeFile(path.join(place.dir, 'aside'), 'other');
  await rename(path.join(place.dir, 'aside'), path.join(place.tree, 'two.c'));
  // Within one process a tree is looked at once; another process would see the change.
  await rename(place.tree, `${place.tree}-2`);
  await built(place, { kernelSources: new Map([[madeUpKernel().id, `${place.tree}-2`]]) });
  expect(await bundles(place)).toHaveLength(3);
});

it('a build that was interrupted goes on where it was', async () => {
  await using place = await lab();
  const env = { PATH: `${place.bin}:${process.env.PATH}` };
  const failing = built(place, { env: { ...env, FAIL_AT: 'three' } });
  await expect(failing).rejects.toMatchObject({
    code: 'target-unavailable',
    message: expect.stringContaining('three.c:1: error: as asked for'),
    hint: expect.stringContaining('/log'),
  });
  const [work] = await workplaces(place);
  const objects = path.join(place.dir, 'cache/state/kernel-build', work ?? '', 'objects');
  const compiled = (await stat(path.join(objects, 'one.o'))).mtimeMs;
  const log = path.join(objects, '../log');
  // The second start fails as well, so that what it compiled anew can be seen.
  await built(place, { env: { ...env, FAIL_AT: 'three' } }).catch(() => undefined);
  expect((await stat(path.join(objects, 'one.o'))).mtimeMs).toBe(compiled);
  expect((await readFile(log, 'utf8')).match(/CC {6}one\.o/g)).toHaveLength(1);
  const { manifest } = await built(place);
  expect(manifest.release).toBe('6.13.7');
  expect(await workplaces(place)).toEqual([]);
});

it('two that want the same kernel at once share one build, and different ones do not meet', async () => {
  await using place = await lab();
  const other = madeUpKernel({
    arches: { arm: { target: 'zImage', image: 'arch/arm/boot/zImage', make: [], edits: [], config: [] } },
  });
  const all = await Promise.all([built(place), built(place), built(place, {}, other)]);
  expect(new Set(all.map(({ dir }) => dir)).size).toBe(2);
  expect(await bundles(place)).toHaveLength(2);
});

it('an option that was not granted is named, with its place and the reason', async () => {
  await using place = await lab();
  const wanted = 'CONFIG_INET=y\nCONFIG_ABSENTT=y\n# CONFIG_NET is not set\n';
  await writeFile(path.join(place.fragments, 'lab.config'), wanted);
  const error: unknown = await built(place).catch((reason: unknown) => reason);
  const text = String(error);
  expect(text).toContain('arm/6.13: the kernel does not take 2 of its options');
  expect(text).toMatch(
    /CONFIG_INET=y \(.*lab\.config:1\): it depends on NET, which is not set \(Kconfig:8\)/,
  );
  expect(text).toMatch(/CONFIG_ABSENTT=y \(.*lab\.config:2\): there is no such option/);
  expect(await bundles(place)).toEqual([]);
});

it('a compiler that is missing is named with its cure', async () => {
  await using place = await lab();
  await rm(path.join(place.bin, 'made-up-arm-gcc'));
  // Whatever the host has is out of sight, but for what starts programs.
  const env = { PATH: place.bin };
  for (const name of ['setpriv', 'timeout']) {
    await writeFile(path.join(place.bin, name), `#!/bin/sh\nexec /usr/bin/${name} "$@"\n`, { mode: 0o755 });
  }
  await expect(built(place, { env })).rejects.toMatchObject({
    code: 'target-unavailable',
    message: 'there is no compiler made-up-arm-gcc',
    hint: expect.stringContaining('npm run doctor'),
  });
});

it('a compiler that is too new gives way to an older one, or is named when it fails', async () => {
  await using place = await lab({ gcc: '15.1.0' });
  const env = { PATH: `${place.bin}:${process.env.PATH}` };
  await expect(built(place, { env: { ...env, FAIL_AT: 'one' } })).rejects.toMatchObject({
    hint: expect.stringMatching(
      /gcc is version 15, and 6\.13 is known to build with up to 12: install gcc-12-made-up-arm/,
    ),
  });
  const older = path.join(place.bin, 'made-up-arm-gcc-11');
  await writeFile(older, "#!/bin/sh\necho 'gcc-11 (made up) 11.4.0'\n", { mode: 0o755 });
  const { manifest } = await built(place);
  expect(manifest.toolchain).toMatchObject({
    compiler: 'gcc-11 (made up) 11.4.0',
    make: expect.arrayContaining(['CC=made-up-arm-gcc-11']),
  });
});

it('what a kernel is built with is asked for when it is missing', async () => {
  await using place = await lab();
  await rm(path.join(place.bin, 'bison'));
  const env = { PATH: place.bin };
  for (const name of ['setpriv', 'timeout']) {
    await writeFile(path.join(place.bin, name), `#!/bin/sh\nexec /usr/bin/${name} "$@"\n`, { mode: 0o755 });
  }
  await expect(built(place, { env })).rejects.toMatchObject({
    message: 'to build a kernel, bison must be installed',
    hint: expect.stringContaining('apt-get install'),
  });
});

it('a change of the catalogue that does not fit the tree is refused before anything is made', async () => {
  await using place = await lab();
  const twice = 'int one(void);\nint one(void);\n';
  await writeFile(path.join(place.tree, 'one.c'), twice);
  await expect(built(place)).rejects.toMatchObject({
    code: 'target-unavailable',
    message: expect.stringMatching(/changes one\.c \(a test\), .*found once, not 2 times/),
  });
  expect(await bundles(place)).toEqual([]);
});
