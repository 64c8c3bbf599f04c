import { repeatsText } from '../lib/certificate.ts';
import type { Hook } from '../lib/hooks/index.ts';
import type { Found, SearchOutcome } from '../run/index.ts';
import { shellWord } from './rerun.ts';

/** search.json. */
export const searchText = (outcome: SearchOutcome): string =>
  `${JSON.stringify({ schema: 3, ...outcome }, null, 1)}\n`;

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** The same for a person; `dir` is where capsules lie. */
export function searchLines(outcome: SearchOutcome, dir: string): string[] {
  const { cell, lane, schedules, seconds, flawed, found } = outcome;
  const pace = seconds > 0 ? Math.round((60 * schedules) / seconds) : 0;
  return [
    '',
    `${cell}, lane ${lane}: ${headline(outcome)}`,
    `${schedules} schedules in ${seconds.toFixed(1)} s, ${pace} a minute`,
    ...strategyLines(outcome),
    ...flawed.map(({ kind, count, detail }) => `${count} ${kind}, so no evidence: ${detail}`),
    ...(found ? foundLines(found, dir) : []),
  ];
}

function headline({ found, schedules }: SearchOutcome): string {
  if (found) return 'breached';
  return schedules > 0 ? 'no breach found' : 'no schedule is evidence';
}

function strategyLines({ strategies }: SearchOutcome): string[] {
  const width = Math.max(0, ...strategies.map(({ strategy }) => strategy.length));
  return strategies.map(({ strategy, hits, of, low, high, about }) => {
    const rate = of === 0 ? 'not tried' : `${hits} of ${of} breached (${percent(low)} to ${percent(high)})`;
    return `  ${strategy.padEnd(width)}  ${rate}: ${about}`;
  });
}

function foundLines(found: Found, dir: string): string[] {
  const { schedule, afterSeconds, strategy, seed, repeats, smallest, capsule } = found;
  const file = shellWord(`${dir}/${capsule}`);
  return [
    `first breach after ${afterSeconds.toFixed(1)} s, in schedule ${schedule}, by ${strategy}, seed ${seed}`,
    repeats.of === 0 ? 'not repeated: the search was interrupted' : repeatsText(repeats),
    ...(smallest ? smallestLines(smallest) : []),
    `to have it again: npm run replay -- ${file}`,
  ];
}

function smallestLines({ trials, levers, before }: NonNullable<Found['smallest']>): string[] {
  const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
  const head = `smallest that breaches: ${many(trials, 'trial')}, ${many(levers.length, 'lever')}${before === 0 ? '' : `, behind ${many(before, 'other schedule')} in its guest`}`;
  return [head, ...levers.map((lever) => `  ${JSON.stringify(written(lever))}`)];
}

/** As one would write it in YAML. */
const written = ({ priority: _, record: __, ...hook }: Hook): Partial<Hook> => hook;
