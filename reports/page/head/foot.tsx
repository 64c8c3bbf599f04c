import { MEANINGS, VERDICTS } from '../model/verdicts.ts';
import { VerdictMark } from '../parts/verdict-mark.tsx';

export const Foot = () => (
  <footer class="foot">
    <details>
      <summary>What the verdicts mean</summary>
      <dl class="meanings">
        {VERDICTS.map((verdict) => (
          <div key={verdict}>
            <dt>
              <VerdictMark verdict={verdict} asExpected />
            </dt>
            <dd>{MEANINGS[verdict]}</dd>
          </div>
        ))}
      </dl>
    </details>
    <p class="keys">
      <kbd>/</kbd> search · <kbd>←</kbd> <kbd>↑</kbd> <kbd>→</kbd> <kbd>↓</kbd> <kbd>Home</kbd> <kbd>End</kbd>{' '}
      move in the matrix · <kbd>Enter</kbd> open · <kbd>j</kbd> <kbd>k</kbd> next and previous cell ·{' '}
      <kbd>Esc</kbd> close
    </p>
  </footer>
);
