/** Words for vitest: `--project=…` of each kind of tests that `npm test` runs. */
export const KINDS: readonly string[];
