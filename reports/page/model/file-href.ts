/** Null for what does not name a file beside the page or below it: that is shown, but leads nowhere. */
export function fileHref(file: string): string | null {
  const pieces = file.split('/');
  if (pieces.some((piece) => piece === '' || piece === '.' || piece === '..')) return null;
  // encodeURIComponent throws at half a character.
  if (!file.isWellFormed()) return null;
  // With the dot in front no first piece can be taken for a scheme.
  return `./${pieces.map(encodeURIComponent).join('/')}`;
}
