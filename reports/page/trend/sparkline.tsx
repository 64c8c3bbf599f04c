import { percent } from '../model/format.ts';
import { sparkPath } from '../model/trend.ts';

const WIDTH = 84;
const HEIGHT = 18;

/** Shares from 0 to 1, by run; the last one in words beside it. */
export function Sparkline({ shares }: { shares: readonly (number | null)[] }) {
  const known = shares.filter((share) => share !== null);
  const last = known.at(-1);
  if (last === undefined) return null;
  const said = shares.map((share) => (share === null ? 'none' : percent(share))).join(', ');
  return (
    <span class="spark">
      <svg
        viewBox={`-2 -2 ${WIDTH + 4} ${HEIGHT + 4}`}
        role="img"
        aria-label={`control rates by run: ${said}`}
      >
        <path class="base" d={`M0 ${HEIGHT}H${WIDTH}`} />
        <path d={sparkPath(shares, WIDTH, HEIGHT)} />
      </svg>
      <span aria-hidden="true">{percent(last)}</span>
    </span>
  );
}
