import type { Verdict } from '../../../runner/src/lib/verdict.ts';
import { isVerdict } from './verdicts.ts';

/** What is shown, as the part of the page's address behind the `#` keeps it. */
export interface Address {
  /** Words and globs; see filter.ts. */
  q: string;
  /** Only these; all when empty. */
  verdicts: readonly Verdict[];
  unexpected: boolean;
  /** Only these columns; all when empty. */
  targets: readonly string[];
  /** The one that is open. */
  cell: string | null;
  view: View;
}

export type View = 'matrix' | 'trend';

export const NOTHING_ASKED: Address = {
  ...{ q: '', verdicts: [], unexpected: false, targets: [], cell: null, view: 'matrix' },
};

const LONGEST = 2000;

/** Whatever is typed there: what it cannot be is left out. */
export function addressOf(hash: string): Address {
  const asked = new URLSearchParams(hash.replace(/^#/, ''));
  const text = (name: string): string => (asked.get(name) ?? '').slice(0, LONGEST);
  const list = (name: string): string[] => [...new Set(text(name).split(','))].filter((one) => one !== '');
  return {
    q: text('q'),
    verdicts: list('verdict').filter(isVerdict),
    unexpected: asked.get('unexpected') === '1',
    targets: list('target'),
    cell: text('cell') || null,
    view: asked.get('view') === 'trend' ? 'trend' : 'matrix',
  };
}

export function hashOf({ q, verdicts, unexpected, targets, cell, view }: Address): string {
  const asked = new URLSearchParams();
  if (view !== 'matrix') asked.set('view', view);
  if (q !== '') asked.set('q', q);
  if (verdicts.length > 0) asked.set('verdict', verdicts.join(','));
  if (unexpected) asked.set('unexpected', '1');
  if (targets.length > 0) asked.set('target', targets.join(','));
  if (cell !== null) asked.set('cell', cell);
  // These mean nothing there, and are read more easily as themselves.
  const readable = asked.toString().replace(/%(2F|40|2C|2A)/g, (code) => decodeURIComponent(code));
  return `#${readable}`;
}

/** Of one cell, without a filter. */
export const addressTo = (cell: string): string => hashOf({ ...NOTHING_ASKED, cell });
