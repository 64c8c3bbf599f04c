/** Globs over names: `*` stands for any run of characters, slashes included, and `?` for one. */

export const isGlob = (text: string): boolean => /[*?]/.test(text);

export function globMatches(glob: string, name: string): boolean {
  const pattern = [...glob]
    .map((char) => (char === '*' ? '.*' : char === '?' ? '.' : literal(char)))
    .join('');
  return new RegExp(`^${pattern}$`, 'su').test(name);
}

const literal = (char: string): string => char.replace(/[\\^$.|+()[\]{}]/u, '\\$&');
