export function missingNpmPackages(root: string): string[];
