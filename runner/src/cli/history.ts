import { keepInHistory, type PageTrend, type Results, readHistory, trendOf } from '../report/index.ts';

export interface Trend {
  trend: PageTrend | null;
  /** What of the history could not be read. */
  notes: string[];
}

/** Keeps a run in the history, if there is to be one; how it stands among those before. */
export async function keptTrend(dir: string | undefined, results: Results): Promise<Trend> {
  if (dir === undefined) return { trend: null, notes: [] };
  await keepInHistory(dir, results);
  return trendUpTo(dir, results);
}

/** Of the runs of a history that are older than this one, and of this one, whether it is kept there or not. */
export async function trendUpTo(dir: string, results: Results): Promise<Trend> {
  const { runs, notes } = await readHistory(dir, { before: results });
  return { trend: trendOf([...runs, results]), notes };
}
