/** Set-up cannot go on, and why: one line, and what to type. Exit status 3. */
export class SetupTrouble extends Error {
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

export const EXIT_TROUBLE = 3;

const LAST_LINES = 12;

/** The end of a program's words. */
export const lastLines = (text, count = LAST_LINES) =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .join('\n');
