import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { type KernelId, kernelIdSchema } from '../lib/ids.ts';
import { folder } from '../plan/testing.ts';
import type { Catalogue, CatalogueKernel } from '../provision/index.ts';
import { kernelSources } from './kernel-sources.ts';

const [old, current, packaged] = ['4.10', '6.13', 'debian-6.1'].map((id) => kernelIdSchema.parse(id));
if (!old || !current || !packaged) throw new Error('three names are three ids');
const source = { version: '1.0', url: 'https://x.example/x', sha256: '0'.repeat(64) };
const built = (id: KernelId): CatalogueKernel => ({
  ...{
    kind: 'source',
    id,
    sibling: id,
    about: '',
    source,
    newestGcc: 12,
    parameters: [],
    slowness: 1,
    arches: {},
  },
});
const catalogue: Catalogue = new Map([
  [old, built(old)],
  [current, built(current)],
  [packaged, { kind: 'packaged', id: packaged, about: '', suites: ['x'], packages: {} }],
]);
const typedIn = { cwd: '/here', env: { HOME: '/home/me' } };

const sources = async (typed: string[], variable?: string, file?: string) => {
  const env = { ...typedIn.env, ...(variable === undefined ? {} : { PHOTOFINISH_KERNEL_SOURCE: variable }) };
  return Object.fromEntries(
    await kernelSources(typed, catalogue, { ...typedIn, env }, file ?? '/nowhere.yaml'),
  );
};

it('what was typed stands above the environment, and that above the file', async () => {
  await using place = await folder();
  const file = path.join(place.dir, 'photofinish.local.yaml');
  await writeFile(file, 'kernel-sources: { "4.10": trees/a, "6.13": /file/b }\n');
  expect(await sources([], undefined, file)).toEqual({ '4.10': `${place.dir}/trees/a`, '6.13': '/file/b' });
  expect(await sources([], ' 6.13=/env/b ,', file)).toMatchObject({ '6.13': '/env/b' });
  expect(await sources(['6.13=../typed', '4.10=~/a'], '6.13=/env/b', file)).toEqual({
    ...{ '4.10': '/home/me/a', '6.13': '/typed' },
  });
  expect(await sources([])).toEqual({});
});

it.each([
  [['4.10'], undefined, /--kernel-source 4\.10: a kernel and a path are wanted/],
  [[], '=x', /PHOTOFINISH_KERNEL_SOURCE =x: a kernel and a path/],
  [['6.14=/x'], undefined, /no kernel `6\.14`; did you mean 6\.13/],
  [['debian-6.1=/x'], undefined, /no kernel `debian-6\.1`/],
])('%j and %s are wrong words', async (typed, variable, message) => {
  await expect(sources(typed, variable)).rejects.toMatchObject({
    exitStatus: 2,
    message: expect.stringMatching(message),
  });
});

it('a file with another key is pointed at', async () => {
  await using place = await folder();
  const file = path.join(place.dir, 'photofinish.local.yaml');
  await writeFile(file, 'kernel-source: {}\n');
  await expect(sources([], undefined, file)).rejects.toThrow(/local\.yaml:1:1: .*`kernel-sources`/);
});
