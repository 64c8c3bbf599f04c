import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LabError } from '../lib/errors.ts';
import type { Machine } from '../lib/machines/index.ts';
import { run } from '../lib/process.ts';
import { tarNames, unpackTar, untar } from './archive.ts';
import type { Context } from './context.ts';
import type { ImageFile } from './initramfs.ts';
import { loadOrder, moduleName, moduleOfFile, parseModinfo } from './modinfo.ts';
import { busy } from './once.ts';
import { fetchPackage } from './packages.ts';
import type { ResolvedKernel } from './resolve-kernel.ts';
import { obtain } from './unavailable.ts';

const RECIPE = 1;
const UNPACKERS: Record<string, readonly [string, ...string[]]> = {
  '.xz': ['xz', '-d', '-f'],
  '.zst': ['zstd', '-d', '-f', '--rm'],
  '.gz': ['gzip', '-d', '-f'],
};

/** The modules of a kernel that a machine's network card needs, with what they depend on; `order` says how to load them. */
export async function nicModules(
  context: Context,
  kernel: ResolvedKernel,
  machine: Machine,
): Promise<ImageFile[]> {
  const wanted = machine.qemu.nic.modules;
  const inputs = { recipe: RECIPE, image: kernel.image.sha256, wanted };
  const what = `the network modules of ${kernel.release}`;
  const dir = await obtain(context, what, 'nic-modules', inputs, async (building) => {
    const deb = await fetchPackage(context, kernel.image);
    await busy(context, () => collect(context, deb, building, wanted));
  });
  const order = (await readFile(path.join(dir, 'order'), 'utf8')).split('\n').filter((name) => name !== '');
  return [
    { path: 'etc/modules', from: path.join(dir, 'modules'), mode: 0o644 },
    ...order.map((name) => ({
      path: `lib/modules/${name}.ko`,
      from: path.join(dir, `${name}.ko`),
      mode: 0o644,
    })),
  ];
}

/** The archive is unpacked once to a file and then asked for one layer of dependencies after the other. */
async function collect(context: Context, deb: string, dir: string, wanted: readonly string[]): Promise<void> {
  const scratch = path.join(dir, 'scratch');
  await mkdir(scratch);
  const tar = path.join(scratch, 'data.tar');
  await unpackTar(context, deb, tar);
  const members = await tarNames(context, tar);
  const builtin = await builtinModules(context, { tar, members, scratch });
  const files = new Map(
    members.map((member): [string | undefined, string] => [moduleOfFile(member), member]),
  );
  const depends = new Map<string, readonly string[]>();
  let layer = wanted.map(moduleName).filter((name) => !builtin.has(name));
  while (layer.length > 0) {
    const found = layer.map((name) => memberOf(files, name));
    await untar(context, tar, scratch, found);
    const needed = await Promise.all(
      layer.map(async (name, index) => {
        const needs = await takeModule(
          context,
          path.join(scratch, found[index] ?? ''),
          path.join(dir, `${name}.ko`),
        );
        depends.set(name, needs);
        return needs;
      }),
    );
    layer = [...new Set(needed.flat())].filter((name) => !depends.has(name) && !builtin.has(name));
  }
  const order = loadOrder([...depends.keys()], (name) => depends.get(name) ?? []).filter((name) =>
    depends.has(name),
  );
  await writeFile(path.join(dir, 'order'), order.map((name) => `${name}\n`).join(''));
  await writeFile(path.join(dir, 'modules'), order.map((name) => `/lib/modules/${name}.ko\n`).join(''));
  await rm(scratch, { recursive: true });
}

function memberOf(files: ReadonlyMap<string | undefined, string>, name: string): string {
  const member = files.get(name);
  if (member) return member;
  throw new LabError(`the kernel's package has no module ${name}`, { code: 'no-such-module' });
}

interface Archive {
  tar: string;
  members: readonly string[];
  scratch: string;
}

async function builtinModules(context: Context, { tar, members, scratch }: Archive): Promise<Set<string>> {
  const list = members.filter((member) => member.endsWith('/modules.builtin'));
  await untar(context, tar, scratch, list);
  const texts = await Promise.all(list.map((member) => readFile(path.join(scratch, member), 'utf8')));
  const names = texts.flatMap((text) => text.split('\n').map(moduleOfFile));
  return new Set(names.filter((name) => name !== undefined));
}

/** Unpacks one module file to its place; returns what it depends on. */
async function takeModule(context: Context, from: string, to: string): Promise<readonly string[]> {
  const suffix = path.extname(from);
  const unpacker = UNPACKERS[suffix];
  if (unpacker) {
    const [program, ...flags] = unpacker;
    await run(program, [...flags, from], { signal: context.signal, env: context.env, limitSeconds: 60 });
  }
  const plain = unpacker ? from.slice(0, -suffix.length) : from;
  const info = parseModinfo(await readFile(plain));
  if (!info) throw new LabError(`${plain} is not a kernel module`, { code: 'bad-module' });
  await rename(plain, to);
  return info.depends;
}
