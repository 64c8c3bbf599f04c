import type { FlawCount } from '../lib/flaw.ts';
import { type SealedSearch, sealedSearchText } from '../lib/sealed-search.ts';
import type { CellResult } from '../lib/verdict.ts';

/**
 * A cell whose guarded lane was searched as well. What no schedule of the matrix has shown may be shown by another: a breach, a
 * dead kernel or a standstill is its verdict then. A search that does not find what was planted shows that it does not look
 * closely enough.
 */
export function searchedCell(cell: CellResult, search: SealedSearch): CellResult {
  const searched: CellResult = {
    ...cell,
    sealedSearch: search,
    findings: [...cell.findings, sealedSearchText(search)],
    capsules: search.kind === 'found' ? [...cell.capsules, search.capsule] : cell.capsules,
  };
  if (cell.verdict === 'held' && search.kind === 'found') {
    const reason = `no schedule of the matrix breached the guarded lane, but schedule ${search.schedule} of a search did, by ${search.strategy}`;
    return { ...searched, ...ruled(cell, 'breached', reason), breachRateBelow: null };
  }
  const dead = deadIn(search);
  if (cell.verdict === 'held' && dead) {
    const { kind, count, detail } = dead;
    const reason = `no schedule of the matrix ${kind}, but ${count} of a search did: ${detail}`;
    return { ...searched, ...ruled(cell, kind, reason), breachRateBelow: null };
  }
  if (cell.verdict === 'breached' && cell.expected === 'breached' && search.kind === 'not-found') {
    const reason = `the bug is there, and a search of ${search.schedules} schedules did not find it`;
    return { ...searched, ...ruled(cell, 'inconclusive', reason) };
  }
  return searched;
}

type Dead = FlawCount & { kind: 'crashed' | 'hung' };

/** The worst comes first; what else is no evidence is the lab's trouble, or nobody's. */
function deadIn(search: SealedSearch): Dead | undefined {
  const { flawed = [] } = search.kind === 'impossible' ? {} : search;
  return flawed.find((one): one is Dead => one.kind === 'crashed' || one.kind === 'hung');
}

const ruled = (
  { expected }: CellResult,
  verdict: CellResult['verdict'],
  reason: string,
): Pick<CellResult, 'verdict' | 'reason' | 'asExpected'> => ({
  ...{ verdict, reason },
  asExpected: verdict === expected,
});
