import { KTAP_FAMILY, type ScenarioId, scenarioIdSchema, type Target, targetName } from '../../lib/ids.ts';
import type { CellResult, RunOutcome, Verdict } from '../../lib/verdict.ts';
import type { KtapOutcome, KtapTest } from './parse.ts';

/** A guest's own tests as cells. They have no control lane, so that one of them passes bounds nothing. */

const VERDICT: Record<KtapOutcome, Verdict> = {
  passed: 'held',
  failed: 'breached',
  skipped: 'unsupported',
  todo: 'inconclusive',
  missing: 'error',
};

const WORDS: Record<KtapOutcome, string> = {
  passed: "the guest's own test passed; nothing shows that it can fail",
  failed: "the guest's own test failed",
  skipped: "the guest's own test was skipped",
  todo: "the guest's own test is known not to work",
  missing: 'the test never reported',
};

/** What was skipped or is known not to work is nobody's surprise. */
const EXPECTED: Record<KtapOutcome, Verdict> = {
  ...{ passed: 'held', failed: 'held', missing: 'held' },
  ...{ skipped: 'unsupported', todo: 'inconclusive' },
};

export function ktapCells(
  tests: readonly KtapTest[],
  target: Target,
): Pick<RunOutcome, 'cells' | 'scenarios'> {
  const names = new Map<string, number>();
  const pairs = tests.map((test): [CellResult, string] => {
    const scenario = scenarioOf(test, names);
    return [cellOf(test, scenario, target), `${test.path.join(': ')} passes.`];
  });
  return {
    cells: pairs.map(([cell]) => cell),
    scenarios: Object.fromEntries(pairs.map(([{ scenario }, claim]) => [scenario, { claim }])),
  };
}

const LONGEST = 80;

/** By the test's own words, as far as a scenario's name can have them; the second of one name gets a number. */
function scenarioOf({ path }: KtapTest, names: Map<string, number>): ScenarioId {
  const words = path
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  const name = words.slice(0, LONGEST).replace(/^-+|-+$/g, '') || 'test';
  const count = (names.get(name) ?? 0) + 1;
  names.set(name, count);
  return scenarioIdSchema.parse(`${KTAP_FAMILY}${name}${count > 1 ? `-n${count}` : ''}`);
}

function cellOf({ outcome, why }: KtapTest, scenario: ScenarioId, target: Target): CellResult {
  const [verdict, expected] = [VERDICT[outcome], EXPECTED[outcome]];
  return {
    ...{ id: `${scenario}@${targetName(target)}`, scenario, arch: target.arch, kernel: target.kernel },
    ...{ kernelRelease: null, backend: null, mode: 'live', verdict, expected },
    ...{ asExpected: verdict === expected, seconds: 0, lanes: {}, breachRateBelow: null },
    reason: why === '' ? WORDS[outcome] : `${WORDS[outcome]}: ${why}`,
    ...{ findings: [], capsules: [], console: null },
  };
}
