import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kernelIdSchema } from '../lib/ids.ts';
import { machines } from '../lib/machines/index.ts';
import { type CatalogueKernel, kernelOf, loadCatalogue, ownSource } from './catalogue.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'pf-catalogue-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function load(text: string) {
  const file = path.join(dir, 'catalogue.yaml');
  await writeFile(file, text);
  return loadCatalogue(file);
}

const archesIn = (kernel?: CatalogueKernel): string[] =>
  Object.keys((kernel?.kind === 'source' ? kernel.arches : kernel?.packages) ?? {});

const entry = (lines: string): string => `kernels:\n  k-1:\n    about: a kernel\n${lines}`;

it('the project’s own catalogue can be read, and names only arches that have a machine', async () => {
  const catalogue = await loadCatalogue();
  const kernel = catalogue.get(kernelIdSchema.parse('debian-6.1'));
  expect(archesIn(kernel)).toEqual(expect.arrayContaining(['x86_64', 'arm', 'mipsel']));
  for (const each of catalogue.values()) {
    for (const arch of archesIn(each)) expect(Object.keys(machines)).toContain(arch);
  }
});

it('a packaged kernel is an entry, not code', async () => {
  const catalogue = await load(
    entry('    suites: [sid]\n    arches: { arm: { package: linux-image-new } }\n'),
  );
  const id = kernelIdSchema.parse('k-1');
  expect(kernelOf(catalogue, { arch: 'arm', kernel: id })).toEqual({
    ...{ kind: 'packaged', id, about: 'a kernel', suites: ['sid'] },
    packages: { arm: 'linux-image-new' },
  });
});

it.each([
  [
    'an arch nobody knows',
    '    suites: [sid]\n    arches:\n      armv9: { package: p1 }\n',
    /catalogue\.yaml:6:7: .*armv9/,
  ],
  [
    'a misspelt key',
    '    suite: [sid]\n    arches: { arm: { package: p1 } }\n',
    /:4:5: .*`suite`; did you mean `suites`/,
  ],
  ['no suite', '    suites: []\n    arches: { arm: { package: p1 } }\n', /:4:13: .*suites/],
  ['no arch', '    suites: [sid]\n    arches: {}\n', /:5:13: .*at least one arch/],
  [
    'a package name with a blank',
    '    suites: [sid]\n    arches: { arm: { package: a b } }\n',
    /:5:31: .*name of a package/,
  ],
])('%s is pointed at', async (_, lines, message) => {
  await expect(load(entry(lines))).rejects.toMatchObject({
    exitStatus: 2,
    message: expect.stringMatching(message),
  });
});

const sha256 = 'a'.repeat(64);
const source = (more: string, arch = '{ target: zImage, image: arch/arm/boot/zImage }'): string =>
  entry(
    `    source: { version: "4.10", url: https://x.example/l.tar.xz, sha256: ${sha256} }\n    newestGcc: 12\n${more}    arches:\n      arm: ${arch}\n`,
  );

it('what is said of a source kernel as a whole is said of each arch', async () => {
  const edit = '{ file: a/b.c, find: x, replace: y, why: z }';
  const catalogue = await load(
    source(
      `    make: [KCFLAGS=-w]\n    edits: [${edit}]\n`,
      `{ target: zImage, image: i, compiler: arm-linux-gnueabi, make: [A=b], edits: [${edit}] }`,
    ),
  );
  const kernel = kernelOf(catalogue, { arch: 'arm', kernel: kernelIdSchema.parse('k-1') });
  expect(kernel).toMatchObject({
    ...{ kind: 'source', source: { version: '4.10' }, newestGcc: 12 },
    arches: { arm: { target: 'zImage', compiler: 'arm-linux-gnueabi', make: ['KCFLAGS=-w', 'A=b'] } },
  });
  expect(kernel.kind === 'source' && kernel.arches.arm?.edits).toHaveLength(2);
});

it.each([
  ['a version without quotes', (text: string) => text.replace('"4.10"', '4.10'), /source\.version/],
  ['an address without TLS', (text: string) => text.replace('https:', 'http:'), /starts with https/],
  ['a hash that is too short', (text: string) => text.replace(sha256, 'abc'), /64 hex digits/],
  ['a path that leads out', (text: string) => text.replace('arch/arm/boot/zImage', '../x'), /below the top/],
  [
    'a word that is no variable',
    (text: string) => text.replace('newestGcc', 'make: [-k]\n    newestGcc'),
    /variable/,
  ],
  ['a misspelt key', (text: string) => text.replace('newestGcc', 'newestGc'), /did you mean `newestGcc`/],
])('%s is pointed at', async (_, spoil, message) => {
  await expect(load(spoil(source('')))).rejects.toMatchObject({
    exitStatus: 2,
    message: expect.stringMatching(message),
  });
});

const flavour = (lines: string): string =>
  `${source('    memoryMiB: 112\n    edits: [{ file: a.c, find: x, replace: y, why: z }]\n')}  k-1-debug:\n    about: slow\n${lines}`;

it('a flavour is its sibling with what it adds', async () => {
  const catalogue = await load(
    flavour(
      '    flavourOf: k-1\n    memoryMiB: 256\n    parameters: [PF_CHECKS=1]\n    config: [debug/all]\n    edits: [{ file: b.c, find: x, replace: y, why: z }]\n    arches: { arm: { config: [debug/kasan] } }\n',
    ),
  );
  const [plain, debug] = ['k-1', 'k-1-debug'].map((name) => catalogue.get(kernelIdSchema.parse(name)));
  expect(plain).toMatchObject({ id: 'k-1', sibling: 'k-1', parameters: [], arches: { arm: { config: [] } } });
  expect(debug).toMatchObject({
    ...{ kind: 'source', id: 'k-1-debug', sibling: 'k-1', about: 'slow', memoryMiB: 256, newestGcc: 12 },
    ...{ parameters: ['PF_CHECKS=1'], source: { version: '4.10' } },
    arches: { arm: { target: 'zImage', config: ['debug/all', 'debug/kasan'] } },
  });
  const edits = debug?.kind === 'source' ? debug.arches.arm?.edits.map(({ file }) => file) : [];
  expect(edits).toEqual(['a.c', 'b.c']);
});

it.each([
  ['of a kernel that is not there', 'k-2', 'arm', /:\d+:16: .*flavourOf.*k-2 is none/],
  [
    'for an arch that its sibling has not',
    'k-1',
    'mips',
    /:\d+:\d+: .*arches\.mips.*k-1 is not there for mips/,
  ],
])('a flavour %s is pointed at', async (_, of, arch, message) => {
  const text = flavour(`    flavourOf: ${of}\n    config: [debug/all]\n    arches: { ${arch}: {} }\n`);
  await expect(load(text)).rejects.toMatchObject({ exitStatus: 2, message: expect.stringMatching(message) });
});

it('the user’s own source of a kernel serves its flavours, unless they have one of their own', async () => {
  const kernel = (await loadCatalogue()).get(kernelIdSchema.parse('6.13-debug'));
  if (kernel?.kind !== 'source') throw new Error('6.13-debug is built');
  expect(ownSource(undefined, kernel)).toBeUndefined();
  expect(ownSource(new Map([['6.13', '/a']]), kernel)).toBe('/a');
  expect(
    ownSource(
      new Map([
        ['6.13', '/a'],
        ['6.13-debug', '/b'],
      ]),
      kernel,
    ),
  ).toBe('/b');
});

it('a kernel nobody knows is the fault of the one who named it, and the known ones are listed', async () => {
  const catalogue = await loadCatalogue();
  const target = { arch: 'arm' as const, kernel: kernelIdSchema.parse('2.6') };
  expect(() => kernelOf(catalogue, target)).toThrow(
    expect.objectContaining({
      code: 'unknown-kernel',
      exitStatus: 2,
      hint: expect.stringContaining('debian-6.1'),
    }),
  );
});
