import type { PageCell } from '../../../runner/src/report/page/page-data.ts';
import type { Address } from '../model/address.ts';
import { VERDICTS } from '../model/verdicts.ts';
import type { Go } from '../use-address.ts';
import { VerdictToggle } from './verdict-toggle.tsx';

interface Props {
  cells: readonly PageCell[];
  address: Address;
  go: Go;
}

/** How many came out how; each count is a filter. */
export function Outcome({ cells, address, go }: Props) {
  const expected = cells.filter(({ asExpected }) => asExpected).length;
  const counts = VERDICTS.map((verdict) => ({
    verdict,
    many: cells.filter((cell) => cell.verdict === verdict).length,
  })).filter(({ many, verdict }) => many > 0 || address.verdicts.includes(verdict));
  return (
    <div class="outcome">
      <p class={expected === cells.length ? 'score' : 'score short'}>
        <strong>{expected}</strong> of {cells.length} as expected
      </p>
      <div class="bar" aria-hidden="true">
        {counts.map(({ verdict, many }) => (
          <span key={verdict} class={`v-${verdict}`} style={{ flexGrow: many }} />
        ))}
      </div>
      <fieldset class="toggles">
        <legend class="unseen">Show only these verdicts</legend>
        {counts.map(({ verdict, many }) => (
          <VerdictToggle key={verdict} verdict={verdict} many={many} chosen={address.verdicts} go={go} />
        ))}
        {expected < cells.length && (
          <button
            type="button"
            class="toggle"
            aria-pressed={address.unexpected}
            onClick={() => go({ unexpected: !address.unexpected, view: 'matrix' })}
          >
            <span class="symbol" aria-hidden="true">
              *
            </span>
            unexpected <b>{cells.length - expected}</b>
          </button>
        )}
      </fieldset>
    </div>
  );
}
