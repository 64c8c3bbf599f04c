import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kernelIdSchema } from '../lib/ids.ts';
import { machines } from '../lib/machines/index.ts';
import { type CatalogueKernel, kernelOf, loadCatalogue } from './catalogue.ts';

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
