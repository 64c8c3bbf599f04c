export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  failures: string[];
}
export function countTap(text: string): Counts;
