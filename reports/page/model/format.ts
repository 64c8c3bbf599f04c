import { upperBound } from '../../../runner/src/lib/rate.ts';

/** Numbers in words. */

export const percent = (share: number): string => `${Math.round(100 * share)}%`;

export const bound = (below: number): string => `<${upperBound(below)}`;

export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${pad(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** `2026-03-04 05:06 UTC`, or the text itself where that is no date. */
export function dateText(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export const count = (many: number, one: string, more = `${one}s`): string =>
  `${many} ${many === 1 ? one : more}`;

const pad = (value: number): string => String(value).padStart(2, '0');
