import { createContext } from 'preact';
import type { PageCell, PageData } from '../../runner/src/report/page/page-data.ts';

/** What any part of the page may need. */
export interface Page {
  data: PageData;
  cells: ReadonlyMap<string, PageCell>;
  open: (id: string) => void;
}

export const PageContext = createContext<Page | null>(null);
