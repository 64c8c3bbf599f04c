export function parsePolicy(text: string): string[];
