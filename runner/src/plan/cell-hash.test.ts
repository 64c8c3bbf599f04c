import { expect, test } from 'vitest';
import { isPlannedAlike } from './cell-hash.ts';
import { type PlanRequest, plan } from './index.ts';
import { folder, MATRIX_YAML, SCENARIO_YAML } from './testing.ts';

interface Given {
  scenario?: string;
  matrix?: string;
  request?: Partial<PlanRequest>;
  slowness?: number;
}

/** How a cell of these files is planned; each time they lie in another folder. */
async function planOf({ scenario, matrix = MATRIX_YAML, request, slowness = 1 }: Given): Promise<string> {
  await using place = await folder();
  await place.scenario('argv/swap', scenario);
  await place.write('matrix.yaml', matrix);
  const asked = { profile: 'default', backend: 'auto', mode: 'sealed', arches: ['arm'], ...request } as const;
  const places = { scenariosDir: place.dir, ownDirs: [] };
  const { cells } = await plan(asked, places, [{ id: 'debian-6.1', arches: ['arm'], slowness }]);
  expect(cells).toHaveLength(1);
  return cells[0]?.plan ?? '';
}

const edited = (what: string, by: string): string => {
  expect(SCENARIO_YAML).toContain(what);
  return SCENARIO_YAML.replace(what, by);
};

test('the same files are planned alike wherever they lie, and in whatever order their keys are', async () => {
  const plan = await planOf({});
  expect(plan).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(await planOf({})).toBe(plan);
  const last = edited('limit: 60s\n', '');
  expect(await planOf({ scenario: `${last}limit: 60s\n# why\n` })).toBe(plan);
});

test.each<[string, () => Given]>([
  ['claim', () => ({ scenario: edited('is the argv that runs', 'runs') })],
  [
    'breach',
    () => ({ scenario: edited('argv1: EVIL } }\n  - { from: hooks', 'argv1: BAD } }\n  - { from: hooks') }),
  ],
  ['work', () => ({ scenario: edited('GOOD', 'FINE') })],
  ['alive', () => ({ scenario: edited('decision: allow', 'decision: deny') })],
  ['need', () => ({ scenario: edited('[user-notification]', '[yama]') })],
  ['rule', () => ({ scenario: edited('action: deny', 'action: kill') })],
  ['setting of the kernel', () => ({ scenario: edited('ptrace_scope: "0"', 'ptrace_scope: "2"') })],
  ['word of a shape', () => ({ scenario: edited('[--shape, single]', '[--shape, twice]') })],
  [
    'order of shapes',
    () => ({
      scenario: edited('  single: [--shape, single]\n', '').replace(
        'lanes:\n',
        '  single: [--shape, single]\nlanes:\n',
      ),
    }),
  ],
  [
    'word of the warden',
    () => ({ scenario: edited('warden: [--argv-guard, none]', 'warden: [--track, none]') }),
  ],
  ['limit', () => ({ scenario: edited('60s', '61s') })],
  ['number of schedules', () => ({ scenario: edited('guarded: 6', 'guarded: 7') })],
  ['number of trials', () => ({ request: { trials: 3 } })],
  [
    'number in matrix.yaml',
    () => ({ matrix: MATRIX_YAML.replace('scenarios: ["*"]', 'scenarios: ["*"]\n    schedules: 2') }),
  ],
  ['expectation', () => ({ matrix: MATRIX_YAML.replace('argv/*@mipsel/*', 'argv/*@arm/*') })],
  ['mode', () => ({ request: { mode: 'live' } })],
  ['backend', () => ({ request: { backend: 'trace' } })],
  ['kernel that is slower', () => ({ slowness: 2 })],
])('with another %s it is planned otherwise', async (_, given) => {
  expect(await planOf(given())).not.toBe(await planOf({}));
});

test('what does not say how it was planned is like nothing', () => {
  expect(isPlannedAlike({ plan: 'a' }, { plan: 'a' })).toBe(true);
  expect(isPlannedAlike({ plan: 'a' }, { plan: 'b' })).toBe(false);
  expect(isPlannedAlike({}, {})).toBe(false);
  expect(isPlannedAlike(undefined, { plan: 'a' })).toBe(false);
});
