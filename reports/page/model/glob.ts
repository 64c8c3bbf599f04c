/** `*` stands for any characters and `?` for one. In time that grows with the product of the lengths, whatever the pattern. */
export function globMatches(glob: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let next = 0;
  while (next < text.length) {
    const wanted = glob[at];
    if (wanted === '*') {
      star = at++;
      resume = next;
    } else if (wanted === '?' || wanted === text[next]) {
      at++;
      next++;
    } else if (star >= 0) {
      // The last star takes one character more.
      at = star + 1;
      next = ++resume;
    } else return false;
  }
  while (glob[at] === '*') at++;
  return at === glob.length;
}
