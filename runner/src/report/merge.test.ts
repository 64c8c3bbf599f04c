import { describe, expect, test } from 'vitest';
import { UserError } from '../lib/errors.ts';
import type { CellResult, RunInfo } from '../lib/verdict.ts';
import { type PlanRequest, plan } from '../plan/index.ts';
import { projectScenarios } from '../plan/testing.ts';
import { mergeRuns, type Part } from './merge.ts';
import { resultsOf } from './results.ts';
import { lane, result, resultsOfRun, scenarioId, sha } from './testing.ts';

const whole = { id: 'whole', command: 'photofinish report merge a b' };
const merged = (parts: readonly Part[]) => mergeRuns(parts, whole);

const part = (
  name: string,
  cells: CellResult[],
  changes: Partial<RunInfo> = {},
  targets: Record<string, { inputs: string }> = {},
): Part => ({ name, results: resultsOfRun(cells, { id: name, ...changes }, { targets }) });

function refusal(parts: readonly Part[]): string {
  try {
    merged(parts);
  } catch (error) {
    if (error instanceof UserError) return error.message;
  }
  throw new Error('not refused');
}

const [one, two, three] = ['argv/one', 'argv/two', 'argv/three'].map((id) =>
  result({ scenario: scenarioId(id) }),
) as [CellResult, CellResult, CellResult];

describe('shards', () => {
  const kernels = [
    { id: 'debian-5.10', arches: ['x86_64', 'arm'] },
    { id: 'debian-6.1', arches: ['x86_64', 'arm', 'mipsel'] },
  ];

  /** A plan, or a shard of it, as it would come out: no two cells are alike. */
  async function planned(
    shard?: { index: number; count: number },
    more: Partial<PlanRequest> = {},
  ): Promise<Part> {
    await using place = await projectScenarios();
    const request = { profile: 'full', backend: 'auto', mode: 'sealed', shard, ...more } as const;
    const { cells, shard: own } = await plan(request, { scenariosDir: place.dir, ownDirs: [] }, kernels);
    const results = cells.map(({ id, scenario, arch, kernel, expected, plan: hash }) => {
      const counts = [id.length, scenario.id.length, 0];
      const of = { id, scenario: scenario.id, arch, kernel, expected, ...(hash && { plan: hash }) };
      return result({ ...of, lanes: { guarded: lane(counts, 90, sha(`${id.length % 10}`)) } });
    });
    const targets = Object.fromEntries(
      cells.map(({ arch, kernel }) => [`${arch}/${kernel}`, { inputs: `${arch} ${kernel}` }]),
    );
    const at = shard ? shard.index : 0;
    const startedAt = new Date(Date.UTC(2026, 0, at)).toISOString();
    const changes = { ...(own && { shard: own }), seconds: at, startedAt, profile: 'full' };
    return part(shard ? `shard ${at}` : 'all', results, changes, targets);
  }
  const shards = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, at) => planned({ index: at + 1, count })));

  test.each([1, 2, 3, 7, 15])('1/%i to the last of a plan are the plan, in whatever order', async (count) => {
    const unsharded = (await planned()).results;
    expect(unsharded.cells).toHaveLength(15);
    const parts = await shards(count);
    const rotated = [...parts.slice(1), ...parts.slice(0, 1)];
    for (const order of [parts, parts.toReversed(), rotated]) {
      const { cells, scenarios, targets, run } = merged(order);
      expect(cells).toEqual(unsharded.cells);
      expect(scenarios).toEqual(unsharded.scenarios);
      expect(targets).toEqual(unsharded.targets);
      expect(run).toEqual({
        ...{ ...whole, seed: '1', profile: 'full', rerun: ['--seed', '1'] },
        ...{ host: { qemu: '10.0.2', cores: 2 }, startedAt: '2026-01-01T00:00:00.000Z' },
        seconds: (count * (count + 1)) / 2,
      });
      expect(resultsOf(merged(order)).cells).toEqual(unsharded.cells);
    }
  });

  test('of which one is missing are no plan', async () => {
    const [a, b, c] = (await shards(3)) as [Part, Part, Part];
    for (const some of [[a, b], [a, c], [c, b], [b]]) {
      expect(refusal(some)).toMatch(/^these are not all the shards of one plan: \d\/3/);
    }
    expect(refusal([a, c])).toMatch(/: 1\/3, 3\/3$/);
  });

  test('of which one is there twice are told by its names', async () => {
    const [a, b, c] = (await shards(3)) as [Part, Part, Part];
    expect(refusal([a, b, c, { ...b, name: 'again' }])).toBe(
      `shard 2 and again both have ${b.results.cells[0]?.id}`,
    );
  });

  const older = (name: string, { results }: Part): Part => {
    const { index = 0, count = 0 } = results.run.shard ?? {};
    return { name, results: { ...results, run: { ...results.run, shard: { index, count } } } };
  };

  test('of two plans are told by their names, also where they have cells in common', async () => {
    const a = await planned({ index: 1, count: 2 });
    const second = { index: 2, count: 2 };
    for (const more of [{ scenarios: ['argv/*'] }, { scenarios: ['fork/raw'] }, { trials: 3 }]) {
      expect(refusal([a, await planned(second, more)])).toMatch(
        /^shard 2 is a shard of another plan: sha256:\w+ \(\d+ cells\), that of shard 1 sha256:\w+ \(15 cells\)$/,
      );
    }
    expect(merged([a, await planned(second)]).cells).toHaveLength(15);
  });

  test('that do not say of which plan go with each other alone', async () => {
    const [a, b] = (await shards(2)) as [Part, Part];
    expect(merged([older('a', a), older('b', b)]).cells).toHaveLength(15);
    expect(refusal([a, older('b', b)])).toBe('b does not say which plan it is a shard of, and shard 1 does');
    expect(refusal([older('a', a), b])).toBe('a does not say which plan it is a shard of, and shard 2 does');
  });

  test('that have lost cells are told by their names', async () => {
    const [a, b] = (await shards(2)) as [Part, Part];
    const cut = { name: 'cut', results: { ...b.results, cells: b.results.cells.slice(1) } };
    expect(refusal([a, cut])).toBe('cut has 6 cells, and shard 2/2 of a plan of 15 has 7');
  });

  test('do not go with shards of another number, nor with a run that is none', () => {
    const sharded = (cell: CellResult, index: number, count: number) =>
      part(`${index}/${count}`, [cell], { shard: { index, count } });
    expect(refusal([sharded(one, 1, 2), sharded(two, 2, 3)])).toMatch(/: 1\/2, 2\/3$/);
    expect(refusal([sharded(one, 1, 2), sharded(two, 2, 2), part('all', [three])])).toMatch(/-\/-$/);
    expect(refusal([sharded(one, 1, 2), sharded(two, 1, 2)])).toMatch(/: 1\/2, 1\/2$/);
    expect(refusal([sharded(one, 1, 2), sharded(two, 2, 2), sharded(three, 2, 2)])).toMatch(/, 2\/2, 2\/2$/);
  });
});

describe('runs that are no shards', () => {
  test('stand one behind the other, with the flags that all of them have', () => {
    const trace = { ...two, id: `${one.id}+trace` };
    const flags = ['--profile', 'full', '--seed', '1'];
    const { run, cells } = merged([
      part('a', [three, one], { rerun: ['--kernel-source', '4.10=/a', ...flags] }),
      part('b', [trace], { rerun: ['--kernel-source', '4.10=/b', ...flags, '--scenarios', 'own'] }),
    ]);
    expect(cells.map(({ id }) => id)).toEqual([three.id, one.id, trace.id]);
    expect(run.rerun).toEqual(flags);
    expect(run.shard).toBeUndefined();
  });

  test('have the time of all, the start of the first and whatever QEMU there was', () => {
    const { run } = merged([
      part('a', [one], { seconds: 2, startedAt: '2026-01-02T00:00:00.000Z' }),
      part('b', [two], {
        ...{ seconds: 3, startedAt: '2026-01-01T00:00:00.000Z', host: { qemu: '10.1.0', cores: 8 } },
      }),
      part('c', [three], { seconds: 4 }),
    ]);
    expect(run).toMatchObject({ seconds: 9, startedAt: '2026-01-01T00:00:00.000Z' });
    expect(run.host).toEqual({ qemu: '10.0.2, 10.1.0', cores: 8 });
  });
});

describe('what does not belong together is refused by name', () => {
  const arm = (inputs: string) => ({ 'arm/debian-6.1': { inputs } });
  test.each([
    [
      'another seed',
      [part('a', [one]), part('b', [two], { seed: '2' })],
      'b is no part of the same: its seed is 2, that of a 1',
    ],
    [
      'another profile',
      [part('a', [one]), part('b', [two]), part('c', [three], { profile: 'quick' })],
      'c is no part of the same: its profile is quick, that of a default',
    ],
    [
      'other inputs of one target',
      [part('a', [one], {}, arm('p')), part('b', [two], {}, arm('q'))],
      'b is no part of the same: its arm/debian-6.1 (what it booted with) is q, that of a p',
    ],
    [
      'other inputs of a target that the first has not',
      [part('a', [one]), part('b', [two], {}, arm('p')), part('c', [three], {}, arm('q'))],
      'c is no part of the same: its arm/debian-6.1 (what it booted with) is q, that of b p',
    ],
    ['one cell in two', [part('a', [one, two]), part('b', [three, two])], `a and b both have ${two.id}`],
    ['nothing at all', [], 'nothing to merge'],
  ])('%s', (_, parts, message) => {
    expect(refusal(parts)).toBe(message);
  });
});
