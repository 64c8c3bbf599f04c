type Provision = typeof import('../provision/index.ts');
type Run = typeof import('../run/index.ts');
type Report = typeof import('../report/index.ts');

/** What the commands call; tests put their own in its place. */
export interface Stages {
  loadCatalogue: () => ReturnType<Provision['loadCatalogue']>;
  provisionTarget: Provision['provisionTarget'];
  checkKernelSources: Provision['checkKernelSources'];
  buildKernel: Provision['buildKernel'];
  fetchKernelSource: Provision['fetchKernelSource'];
  kernelStates: Provision['kernelStates'];
  packKernel: Provision['packKernel'];
  importKernel: Provision['importKernel'];
  runMatrix: Run['runMatrix'];
  openShell: Run['openShell'];
  learn: Run['learn'];
  replay: Run['replay'];
  search: Run['search'];
  benchFork: Run['benchFork'];
  benchWarden: Run['benchWarden'];
  benchHooks: Run['benchHooks'];
  benchLearn: Run['benchLearn'];
  pageCode: Report['pageCode'];
}

const provision = (): Promise<Provision> => import('../provision/index.ts');

/** Loaded when they are called: wrong words are to be answered at once. */
export const realStages: Stages = {
  loadCatalogue: async () => (await provision()).loadCatalogue(),
  provisionTarget: async (...given) => (await provision()).provisionTarget(...given),
  checkKernelSources: async (...given) => (await provision()).checkKernelSources(...given),
  buildKernel: async (...given) => (await provision()).buildKernel(...given),
  fetchKernelSource: async (...given) => (await provision()).fetchKernelSource(...given),
  kernelStates: async (...given) => (await provision()).kernelStates(...given),
  packKernel: async (...given) => (await provision()).packKernel(...given),
  importKernel: async (...given) => (await provision()).importKernel(...given),
  runMatrix: async (options) => (await import('../run/index.ts')).runMatrix(options),
  search: async (options) => (await import('../run/index.ts')).search(options),
  replay: async (options) => (await import('../run/index.ts')).replay(options),
  openShell: async (options) => (await import('../run/index.ts')).openShell(options),
  learn: async (options) => (await import('../run/index.ts')).learn(options),
  benchFork: async (options) => (await import('../run/index.ts')).benchFork(options),
  benchWarden: async (options) => (await import('../run/index.ts')).benchWarden(options),
  benchHooks: async (options) => (await import('../run/index.ts')).benchHooks(options),
  benchLearn: async (options) => (await import('../run/index.ts')).benchLearn(options),
  pageCode: async (env) => (await import('../report/index.ts')).pageCode(env),
};
