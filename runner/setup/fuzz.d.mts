/** What was asked for, or what is wrong with the words. */
export function parse(
  words: readonly string[],
): { seconds: number; keep: boolean; on: string; seed: string; names: string[] } | { trouble: string };
