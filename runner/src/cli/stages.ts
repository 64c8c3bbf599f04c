type Provision = typeof import('../provision/index.ts');
type Run = typeof import('../run/index.ts');

/** What the commands call; tests put their own in its place. */
export interface Stages {
  loadCatalogue: () => ReturnType<Provision['loadCatalogue']>;
  provisionTarget: Provision['provisionTarget'];
  runMatrix: Run['runMatrix'];
  openShell: Run['openShell'];
  benchFork: Run['benchFork'];
}

/** Loaded when they are called: wrong words are to be answered at once. */
export const realStages: Stages = {
  loadCatalogue: async () => (await import('../provision/index.ts')).loadCatalogue(),
  provisionTarget: async (...given) => (await import('../provision/index.ts')).provisionTarget(...given),
  runMatrix: async (options) => (await import('../run/index.ts')).runMatrix(options),
  openShell: async (options) => (await import('../run/index.ts')).openShell(options),
  benchFork: async (options) => (await import('../run/index.ts')).benchFork(options),
};
