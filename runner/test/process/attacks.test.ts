import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type ScenarioId, scenarioIdSchema } from '../../src/lib/ids.ts';
import { machines } from '../../src/lib/machines/index.ts';
import type { AttackSource } from '../../src/lib/scenario.ts';
import { attackProgram, attackPrograms } from '../../src/provision/attacks.ts';
import { nativeBinaries } from '../../src/provision/native-build.ts';
import { contextAt } from './context.ts';

/** A busy machine compiles for a while. */
const COMPILES_MS = 300_000;

/** Of all tests here, with what every attack is linked with. */
let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'pf-attacks-cache-'));
  await nativeBinaries(context(), x86());
}, COMPILES_MS);
afterAll(() => rm(cache, { recursive: true, force: true }));

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pf-attacks-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function attack(name: string, code: string): Promise<AttackSource> {
  const id = scenarioIdSchema.parse(name);
  const dir = path.join(root, 'scenarios', id);
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, 'attack.c'), code);
  return { id, dir, file: 'attack.c' };
}

const x86 = () => {
  if (!machines.x86_64) throw new Error('there is a machine for x86_64');
  return machines.x86_64;
};
const context = () => contextAt(cache, []).context;
const build = (sources: AttackSource[]) => attackPrograms(context(), x86(), sources);

const ends = (status: number) => `int main(void) { return ${status}; }\n`;
const id = (name: string): ScenarioId => scenarioIdSchema.parse(name);

it('all attacks are one program, which is each of them by its path', async () => {
  const global = (status: number) =>
    `int answer(void);\nint answer(void) { return ${status}; }\nint main(int c, char **v) { return answer() + c + !v; }\n`;
  const sources = [
    await attack('a/b-c', global(10)),
    await attack('a-b/c', global(20)),
    await attack('9p/name', ends(30)),
  ];
  // Several scenarios may have one attack.
  const built = await build([...sources, ...sources]);
  const files = new Set([...built.values()].map((one) => (one.ok ? one.file : one.message)));
  const [file = ''] = files;
  expect(files.size).toBe(1);
  expect((await stat(file)).mode & 0o111).not.toBe(0);
  if (process.arch !== 'x64') return;
  const status = (argv0: string, ...args: string[]) => spawnSync(file, args, { argv0 }).status;
  expect(status('/attacks/a/b-c')).toBe(11);
  expect(status('/attacks/a-b/c', 'one')).toBe(22);
  expect(status('/attacks/9p/name')).toBe(30);
  const unknown = spawnSync(file, [], { argv0: '/attacks/a/b' });
  expect([unknown.status, unknown.stderr.toString()]).toEqual([
    2,
    '/attacks/a/b: no attack is started by this path\n',
  ]);
});

it.each([
  ['does not compile', 'int main(void) { return not_declared; }\n', 'not_declared'],
  ['does not link', 'int nowhere(void);\nint main(void) { return nowhere(); }\n', 'nowhere'],
  [
    'runs something before main',
    '#include <unistd.h>\n__attribute__((constructor)) static void early(void) { _exit(3); }\nint main(void) { return 0; }\n',
    'no constructors',
  ],
])(
  'an attack that %s is a value with the words of the compiler, and the others are built',
  async (_, code, words) => {
    const built = await build([await attack('bad/one', code), await attack('good/one', ends(0))]);
    expect(built.get(id('bad/one'))).toMatchObject({ ok: false, message: expect.stringContaining(words) });
    expect(built.get(id('good/one'))).toMatchObject({ ok: true });
  },
);

it('one that was mended is built anew', async () => {
  const bad = await attack('some/one', 'int main(void) { return not_declared; }\n');
  expect(await attackProgram(context(), x86(), bad)).toMatchObject({ ok: false });
  expect(await attackProgram(context(), x86(), await attack('some/one', ends(0)))).toMatchObject({
    ok: true,
  });
});

it('one that is edited while it is built is not kept under what it was', async () => {
  const one = await attack('edited/one', ends(1));
  const bin = path.join(root, 'bin');
  await mkdir(bin);
  const edit = `echo '${ends(2).trim()}' >${path.join(one.dir, one.file)}`;
  const script = `#!/bin/sh\n${edit}\nPATH=\${PATH#*:} exec make "$@"\n`;
  await writeFile(path.join(bin, 'make'), script, { mode: 0o755 });
  const kept = () => readdir(path.join(cache, 'entries/attack'));
  const before = await kept();
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  const building = attackProgram({ ...context(), env }, x86(), one);
  await expect(building).rejects.toMatchObject({ code: 'source-changed', exitStatus: 3 });
  expect(await kept()).toEqual(before);
});

it('without any that builds there is no program', async () => {
  expect([...(await build([]))]).toEqual([]);
  const built = await build([await attack('bad/one', 'nonsense\n')]);
  expect(built.get(id('bad/one'))).toMatchObject({ ok: false });
});
