export function npmTrouble(output: string): { words: string; hint: string };
