import type { Verdict } from '../../../runner/src/lib/verdict.ts';
import { MEANINGS, SYMBOLS, VERDICTS } from '../model/verdicts.ts';
import type { Go } from '../use-address.ts';

interface Props {
  verdict: Verdict;
  many: number;
  chosen: readonly Verdict[];
  go: Go;
}

export function VerdictToggle({ verdict, many, chosen, go }: Props) {
  const isChosen = chosen.includes(verdict);
  const toggle = (): void => {
    const verdicts = VERDICTS.filter((one) => (one === verdict ? !isChosen : chosen.includes(one)));
    go({ verdicts, view: 'matrix' });
  };
  return (
    <button
      type="button"
      class={`toggle v-${verdict}`}
      aria-pressed={isChosen}
      title={MEANINGS[verdict]}
      onClick={toggle}
    >
      <span class="symbol" aria-hidden="true">
        {SYMBOLS[verdict]}
      </span>
      {verdict} <b>{many}</b>
    </button>
  );
}
