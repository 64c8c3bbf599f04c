import type { TimelineRow } from '../../../runner/src/report/timeline/excerpt-file.ts';

export type Track = TimelineRow['track'];

const TRACKS: readonly Track[] = ['attacker', 'victim', 'warden', 'kernel', 'agent'];

/** Those of which something was heard, in their own order. */
export const tracksOf = (rows: readonly TimelineRow[]): Track[] =>
  TRACKS.filter((track) => rows.some((row) => row.track === track));

export type Whose = 'both' | 'this' | 'other';

export function whoseRow({ at, besideAt }: TimelineRow, compared: boolean): Whose {
  if (!compared || (at !== null && besideAt !== null)) return 'both';
  return at === null ? 'other' : 'this';
}

export const timeText = (ms: number | null): string => (ms === null ? '' : ms.toFixed(3));
