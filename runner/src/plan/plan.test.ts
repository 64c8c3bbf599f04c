import { describe, expect, test } from 'vitest';
import { UserError } from '../lib/errors.ts';
import { type PlanRequest, plan } from './index.ts';
import { folder, HOOKS_YAML, MATRIX_YAML, projectScenarios, SCENARIO_YAML } from './testing.ts';

const kernels = [
  { id: 'debian-5.10', arches: ['x86_64', 'arm'] },
  { id: 'debian-6.1', arches: ['x86_64', 'arm', 'mipsel'] },
];

const asked: PlanRequest = { profile: 'default', backend: 'auto', mode: 'sealed' };

async function planned(request: Partial<PlanRequest>, ownDirs: readonly string[] = []) {
  await using place = await projectScenarios();
  return (await plan({ ...asked, ...request }, { scenariosDir: place.dir, ownDirs }, kernels)).cells;
}

const ids = async (request: Partial<PlanRequest>, ownDirs: readonly string[] = []): Promise<string[]> =>
  (await planned(request, ownDirs)).map(({ id }) => id);

async function refusal(request: Partial<PlanRequest>): Promise<UserError> {
  const error = await planned(request).catch((thrown: unknown) => thrown);
  if (error instanceof UserError) return error;
  throw new Error(`not a UserError: ${error}`);
}

describe('cells', () => {
  test('a profile is the product of its arches, kernels and scenarios, target by target', async () => {
    expect(await ids({})).toEqual(
      ['x86_64', 'arm', 'mipsel'].flatMap((arch) =>
        ['argv/rewrite', 'argv/swap', 'fork/raw'].map((scenario) => `${scenario}@${arch}/debian-6.1`),
      ),
    );
  });

  test('a forced backend is part of the name', async () => {
    const only = { arches: ['arm'], scenarios: ['fork/raw'] };
    expect(await ids({ ...only, backend: 'trace' })).toEqual(['fork/raw@arm/debian-6.1+trace']);
    expect(await ids({ ...only, backend: 'auto' })).toEqual(['fork/raw@arm/debian-6.1']);
  });

  test("a profile's scenarios are globs", async () => {
    expect(await ids({ profile: 'quick' })).toEqual([
      'argv/rewrite@x86_64/debian-6.1',
      'argv/swap@x86_64/debian-6.1',
    ]);
  });

  test('flags take the place of what the profile says, and may be globs', async () => {
    expect(await ids({ arches: ['arm'], kernels: ['debian-*'], scenarios: ['*/raw'] })).toEqual([
      'fork/raw@arm/debian-5.10',
      'fork/raw@arm/debian-6.1',
    ]);
  });

  test('a kernel that stands aside is meant by its name, and by patterns that mean nothing else', async () => {
    await using place = await projectScenarios();
    const known = [...kernels, { id: 'debian-6.1-debug', arches: ['arm'], aside: true }];
    const chosen = async (request: Partial<PlanRequest>): Promise<Set<string>> => {
      const places = { scenariosDir: place.dir, ownDirs: [] };
      const { cells } = await plan({ ...asked, arches: ['arm'], ...request }, places, known);
      return new Set(cells.map(({ kernel }) => kernel));
    };
    expect(await chosen({ profile: 'full' })).toEqual(new Set(['debian-5.10', 'debian-6.1']));
    expect(await chosen({ kernels: ['debian-6.1*'] })).toEqual(new Set(['debian-6.1']));
    expect(await chosen({ kernels: ['*-debug'] })).toEqual(new Set(['debian-6.1-debug']));
    expect(await chosen({ kernels: ['debian-6.1-debug', 'debian-5*'] })).toEqual(
      new Set(['debian-5.10', 'debian-6.1-debug']),
    );
  });

  test('on a slow kernel schedules may take longer', async () => {
    await using place = await projectScenarios();
    const known = [...kernels, { id: 'debian-6.1-debug', arches: ['arm'], slowness: 2.5 }];
    const request = { ...asked, arches: ['arm'], kernels: ['debian-6.1*'], scenarios: ['argv/swap'] };
    const { cells } = await plan(request, { scenariosDir: place.dir, ownDirs: [] }, known);
    expect(cells.map(({ kernel, scenario }) => [kernel, scenario.limit])).toEqual([
      ['debian-6.1', '60s'],
      ['debian-6.1-debug', '150s'],
    ]);
  });

  test('the same words give the same cells', async () => {
    const strip = async () =>
      (await planned({ profile: 'full' })).map(({ scenario, ...cell }) => [scenario.id, cell]);
    expect(await strip()).toEqual(await strip());
  });

  test('of the expected globs that match, the last one decides, and held is expected where none does', async () => {
    const expected = Object.fromEntries((await planned({})).map((cell) => [cell.id, cell.expected]));
    expect(expected['argv/rewrite@mipsel/debian-6.1']).toBe('breached');
    expect(expected['argv/swap@mipsel/debian-6.1']).toBe('overblocked');
    expect(expected['argv/swap@arm/debian-6.1']).toBe('held');
  });
});

describe('how many', () => {
  test("without a word it is the scenario's own numbers", async () => {
    const [cell] = await planned({});
    expect([cell?.schedules, cell?.trials]).toEqual([
      { control: 4, guarded: 6, honest: 2 },
      { control: 10, guarded: 10, honest: 5 },
    ]);
  });

  test('a profile has fixed numbers, in the guarded lane one for each shape at least, or a factor that never rounds down to nothing', async () => {
    const [quick] = await planned({ profile: 'quick' });
    expect(quick?.schedules).toEqual({ control: 2, guarded: 2, honest: 1 });
    const [full] = await planned({ profile: 'full' });
    expect(full?.schedules).toEqual({ control: 10, guarded: 15, honest: 5 });
    expect(full?.trials).toEqual({ control: 1, guarded: 1, honest: 1 });
  });

  test('about the hooks every lane of a profile has each shape', async () => {
    await using place = await projectScenarios();
    await place.scenario('hooks/one', HOOKS_YAML);
    const places = { scenariosDir: place.dir, ownDirs: [] };
    const request = { ...asked, profile: 'quick', scenarios: ['hooks/one'] };
    const [quick] = (await plan(request, places, kernels)).cells;
    expect(quick?.schedules).toEqual({ control: 2, guarded: 2, honest: 2 });
    const [one] = (await plan({ ...request, schedules: 1 }, places, kernels)).cells;
    expect(one?.schedules).toEqual({ control: 1, guarded: 1, honest: 1 });
  });

  test('flags are the numbers of every lane', async () => {
    const [cell] = await planned({ profile: 'quick', schedules: 7, trials: 9 });
    expect(cell?.schedules).toEqual({ control: 7, guarded: 7, honest: 7 });
    expect(cell?.trials).toEqual({ control: 9, guarded: 9, honest: 9 });
  });
});

describe('pairs that the catalogue does not have', () => {
  const unavailable = async (request: Partial<PlanRequest>) =>
    (await planned({ scenarios: ['fork/raw'], ...request })).map(({ id, unavailable: why }) => [
      id,
      why?.reason,
    ]);

  test('are left out of a product that nobody spelled out', async () => {
    expect((await ids({ profile: 'full', scenarios: ['fork/raw'] })).join()).not.toMatch(
      'mipsel/debian-5.10',
    );
    expect((await ids({ kernels: ['debian-5.10'] })).join()).not.toMatch('mipsel');
  });

  test('stay as unavailable when both were named', async () => {
    expect(await unavailable({ arches: ['mips', 'arm'], kernels: ['debian-6.1'] })).toEqual([
      ['fork/raw@arm/debian-6.1', undefined],
      ['fork/raw@mips/debian-6.1', 'the catalogue has no debian-6.1 for mips'],
    ]);
  });

  test('stay when the one that was named would vanish', async () => {
    expect(await unavailable({ arches: ['mips'] })).toEqual([
      ['fork/raw@mips/debian-6.1', 'the catalogue has no debian-6.1 for mips'],
    ]);
    expect(await unavailable({ arches: ['mipsel'], kernels: ['debian-*'] })).toEqual([
      ['fork/raw@mipsel/debian-6.1', undefined],
    ]);
  });

  test('of which nothing is left are an error', async () => {
    expect((await refusal({ arches: ['mip?'], kernels: ['*'] })).code).toBe('no-targets');
  });
});

describe('names that are not there', () => {
  test.each([
    [{ arches: ['mipsle'] }, 'unknown-arch', /no arch `mipsle`; did you mean .*mipsel/, /x86_64, arm, mips/],
    [
      { kernels: ['debian-6.11'] },
      'unknown-kernel',
      /debian-6\.11.*did you mean debian-6\.1/,
      /debian-5\.10/,
    ],
    [{ scenarios: ['argv/rewrit'] }, 'unknown-scenario', /did you mean argv\/rewrite/, /fork\/raw/],
    [{ scenarios: ['net/*'] }, 'unknown-scenario', /no scenario matches `net\/\*`/, /fork\/raw/],
    [{ profile: 'fulll' }, 'unknown-profile', /did you mean full/, /quick, default, full/],
    [{ profile: 'toString' }, 'unknown-profile', /no profile `toString`$/, /quick/],
  ])('%j is refused, with the nearest and all there are', async (request, code, message, hint) => {
    const error = await refusal(request);
    expect(error).toMatchObject({
      ...{ code, exitStatus: 2 },
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  test('a glob character never becomes part of a pattern', async () => {
    expect((await refusal({ scenarios: ['argv.rewrite'] })).code).toBe('unknown-scenario');
    expect((await refusal({ scenarios: ['('] })).code).toBe('unknown-scenario');
  });
});

describe('shards', () => {
  test('together they are the whole, and no cell is in two', async () => {
    const all = await ids({ profile: 'full' });
    const parts = await Promise.all(
      [1, 2, 3, 4].map((index) => ids({ profile: 'full', shard: { index, count: 4 } })),
    );
    expect(parts.flat().sort()).toEqual([...all].sort());
    const sizes = parts.map(({ length }) => length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  test('each says what the whole is, so that parts of another can be told from it', async () => {
    await using place = await projectScenarios();
    const places = { scenariosDir: place.dir, ownDirs: [] };
    const shardOf = async (request: Partial<PlanRequest>) =>
      (await plan({ ...asked, profile: 'full', ...request }, places, kernels)).shard;
    const first = await shardOf({ shard: { index: 1, count: 2 } });
    expect(first).toEqual({ index: 1, count: 2, plan: expect.stringMatching(/^sha256:/), cells: 15 });
    const second = { index: 2, count: 2 };
    expect(await shardOf({ shard: second })).toEqual({ ...first, index: 2 });
    for (const other of [{ scenarios: ['argv/*'] }, { arches: ['arm'] }, { schedules: 3 }]) {
      expect((await shardOf({ shard: second, ...other }))?.plan).not.toBe(first?.plan);
    }
    expect(await shardOf({})).toBeUndefined();
  });

  test('an empty shard is an error, since a run of nothing would look green', async () => {
    expect((await refusal({ profile: 'quick', shard: { index: 3, count: 3 } })).code).toBe('empty-shard');
  });
});

describe("a user's own scenarios", () => {
  test('run beside the profile, without being in it', async () => {
    await using own = await folder();
    await own.scenario('mine/first');
    expect(await ids({ profile: 'quick' }, [own.dir])).toContain('mine/first@x86_64/debian-6.1');
  });

  test('are chosen by --scenario like the others', async () => {
    await using own = await folder();
    await own.scenario('mine/first');
    expect(await ids({ profile: 'quick', scenarios: ['mine/*'] }, [own.dir])).toEqual([
      'mine/first@x86_64/debian-6.1',
    ]);
    expect((await ids({ scenarios: ['fork/*'] }, [own.dir])).join()).not.toMatch('mine');
  });
});

describe('matrix.yaml', () => {
  async function matrixError(text: string): Promise<string> {
    await using place = await folder();
    await place.scenario('argv/rewrite', SCENARIO_YAML);
    await place.scenario('argv/swap', SCENARIO_YAML);
    await place.write('matrix.yaml', text);
    const error = await plan(asked, { scenariosDir: place.dir, ownDirs: [] }, kernels).catch(
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(UserError);
    return String(error.message).replaceAll(place.dir, 'DIR');
  }

  test('names in it that are not there are told with their place', async () => {
    const text = MATRIX_YAML.replace('[x86_64, arm, mipsel]', '[x86_64, armv7]');
    expect(await matrixError(text)).toMatch(/^DIR\/matrix\.yaml:8:22: .*no arch `armv7`; did you mean arm/m);
  });

  test('an expectation of a scenario that is not there is told', async () => {
    const text = MATRIX_YAML.replace('"argv/swap@mipsel', '"argv/swop@mipsel');
    expect(await matrixError(text)).toMatch(/matrix\.yaml:19:34: .*argv\/swop.*did you mean argv\/swap/);
  });

  test('an expectation that is no verdict is told', async () => {
    expect(await matrixError(MATRIX_YAML.replace('overblocked', 'green'))).toMatch(/matrix\.yaml:19:34: /);
  });
});
