import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { LabError } from '../../lib/errors.ts';
import { imageFor } from '../../lib/filter/index.ts';
import type { UsedBackend } from '../../lib/ids.ts';
import { lastLines, run } from '../../lib/process.ts';
import { temporaryFolder } from '../../lib/temporary.ts';
import { BENCH_POLICIES, type HostTools } from '../../provision/index.ts';
import type { Place, Said, Sizes } from './place.ts';

/** Short turns and many of them: whatever else the host does hits a few, and the median none. */
const SIZES: Sizes = { rounds: 15, counts: { exec: 100, open: 2000, null: 100_000 }, tasks: 2000 };
const LIMIT_SECONDS = 120;
/** As in guests: whoever we are, the warden and its loads are nobody. */
const UID = '1000';
const AS_NOBODY = ['setpriv', '--reuid', UID, '--regid', UID, '--clear-groups', '--pdeathsig', 'KILL'];

interface Surroundings {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** The host itself, with what it has for a kernel. The programs are copied to where anybody may execute them. */
export async function openHost(tools: HostTools, { env, signal }: Surroundings): Promise<Place> {
  const dir = await temporaryFolder();
  const dispose = () => rm(dir, { recursive: true, force: true });
  try {
    await layOut(dir, tools);
    const at = (name: string) => path.join(dir, name);
    const start = (command: readonly string[]) => asNobody(command, dir, env, signal);
    return {
      ...{ name: 'host', clock: '', sizes: SIZES, [Symbol.asyncDispose]: dispose },
      backends: backendsOf((await start([at('warden'), 'probe'])).stdout),
      programs: { load: at('load'), tasks: at('tasks'), warden: at('warden'), strace: 'strace' },
      policy: (name) => at(`policies/${name}`),
      run: async (command) => saidBy(await start(command)),
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function layOut(dir: string, tools: HostTools): Promise<void> {
  await chmod(dir, 0o755);
  await mkdir(path.join(dir, 'policies'));
  for (const name of ['load', 'tasks', 'warden'] as const) {
    await copyFile(tools[name], path.join(dir, name));
    await chmod(path.join(dir, name), 0o755);
  }
  for (const [name, policy] of Object.entries(BENCH_POLICIES)) {
    await writeFile(path.join(dir, 'policies', name), imageFor(policy, tools.arch), { mode: 0o644 });
  }
}

/** The kit reports on fd 4, which is joined with standard output here. */
function asNobody(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv, signal: AbortSignal) {
  const words = [...(process.getuid?.() === 0 ? AS_NOBODY : []), ...command];
  return run('sh', ['-c', 'exec "$@" 4>&1', 'sh', ...words], {
    ...{ cwd, signal, limitSeconds: LIMIT_SECONDS },
    env: { PATH: env.PATH },
  });
}

const probeSchema = z.object({ backend: z.enum(['notify', 'trace', 'none']) });

function backendsOf(probe: string): UsedBackend[] {
  const { backend } = probeSchema.parse(JSON.parse(probe));
  if (backend === 'none') throw new LabError('the warden has no backend here', { code: 'bench-failed' });
  return backend === 'notify' ? ['notify', 'trace'] : ['trace'];
}

function saidBy({ stdout, stderr }: { stdout: string; stderr: string }): Said {
  const report = stdout.split('\n').find((line) => line.startsWith('{'));
  const words = lastLines(`${stderr}\n${stdout}`);
  if (!report) throw new LabError(`a measured command reported nothing:\n${words}`, { code: 'bench-failed' });
  return { report: z.record(z.string(), z.unknown()).parse(JSON.parse(report)), words: stderr };
}
