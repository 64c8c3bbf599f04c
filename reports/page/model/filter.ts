import type { PageCell, PageData } from '../../../runner/src/report/page/page-data.ts';
import type { Address } from './address.ts';
import { globMatches } from './glob.ts';

export type Filter = Pick<Address, 'q' | 'verdicts' | 'unexpected' | 'targets'>;

export const NO_FILTER: Filter = { q: '', verdicts: [], unexpected: false, targets: [] };

export const isFiltering = ({ q, verdicts, unexpected, targets }: Filter): boolean =>
  q.trim() !== '' || verdicts.length > 0 || unexpected || targets.length > 0;

export type Search = (filter: Filter) => (cell: PageCell) => boolean;

/** Lower case is made once, for all that will be typed. */
export function searchOf({ cells, scenarios }: Pick<PageData, 'cells' | 'scenarios'>): Search {
  const texts = new Map<PageCell, readonly string[]>(
    cells.map((cell) => {
      const claim = Object.hasOwn(scenarios, cell.scenario) ? scenarios[cell.scenario]?.claim : undefined;
      return [cell, [cell.id, claim ?? '', cell.reason ?? ''].map((text) => text.toLowerCase())];
    }),
  );
  return (filter) => {
    const terms = filter.q
      .toLowerCase()
      .split(/\s+/)
      .filter((term) => term !== '');
    const found = (cell: PageCell): boolean =>
      terms.every((term) => texts.get(cell)?.some((text) => termMatches(term, text)));
    return (cell) => isSelected(filter, cell) && found(cell);
  };
}

const isSelected = ({ verdicts, unexpected, targets }: Filter, cell: PageCell): boolean =>
  (verdicts.length === 0 || verdicts.includes(cell.verdict)) &&
  (targets.length === 0 || targets.includes(cell.column)) &&
  !(unexpected && cell.asExpected);

/** A glob has to match all of a text, a word only a part of it. */
const termMatches = (term: string, text: string): boolean =>
  term.includes('*') ? globMatches(term, text) : text.includes(term);
