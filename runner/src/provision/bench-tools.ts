import path from 'node:path';
import { imageFor, PERMISSIVE, type Policy } from '../lib/filter/index.ts';
import { ARCHES, type Arch, scenarioIdSchema } from '../lib/ids.ts';
import { type Machine, machines } from '../lib/machines/index.ts';
import { projectRoot } from '../lib/project.ts';
import type { AttackSource } from '../lib/scenario.ts';
import { attackProgram } from './attacks.ts';
import type { Context } from './context.ts';
import type { ImageFile } from './initramfs.ts';
import { type ContextOptions, contextOf } from './make-context.ts';
import { nativeBinaries } from './native-build.ts';
import { straceProgram } from './strace.ts';

/** The loads of the benchmarks are built as attacks are: they report in the same way. */
const LOADS = ['load', 'tasks', 'hooked'] as const;
type Load = (typeof LOADS)[number];

const ruling = (syscall: string, when: string): Policy => ({
  ...PERMISSIVE,
  rules: [{ syscall, when, action: 'deny' }],
  lines: [1],
});

/** By what they name: each of them lets everything through that the loads do. */
export const BENCH_POLICIES = {
  exec: ruling('exec', 'argv[1] == "EVIL"'),
  open: ruling('open', 'path == "/EVIL"'),
  others: ruling('connect', 'addr.family == AF_INET'),
} as const;
export type BenchPolicy = keyof typeof BENCH_POLICIES;

const sourceOf = (load: Load): AttackSource => ({
  id: scenarioIdSchema.parse(`bench/${load}`),
  dir: path.join(projectRoot, 'native/bench'),
  file: `${load}.c`,
});

async function loadProgram(context: Context, machine: Machine, load: Load): Promise<string> {
  const built = await attackProgram(context, machine, sourceOf(load));
  if (built.ok) return built.file;
  throw new Error(`${load} does not build for ${machine.arch}: ${built.message}`);
}

/** What a guest has beside the lab's own programs. */
export async function benchFiles(context: Context, machine: Machine): Promise<ImageFile[]> {
  const loads = LOADS.map(async (load): Promise<ImageFile> => {
    return { path: `bench/${load}`, from: await loadProgram(context, machine, load), mode: 0o755 };
  });
  const strace = { path: 'bench/strace', from: await straceProgram(context, machine), mode: 0o755 };
  const policies = Object.entries(BENCH_POLICIES).map(([name, policy]) => ({
    ...{ path: `bench/policies/${name}`, from: imageFor(policy, machine.arch), mode: 0o644 },
  }));
  return [...(await Promise.all(loads)), strace, ...policies];
}

/** Programs of the guests that run on the host as well. */
export interface HostTools extends Record<Exclude<Load, 'hooked'> | 'warden', string> {
  arch: Arch;
}

/** Undefined where the host is of an arch that the lab does not know. */
export async function benchToolsOfHost(options: ContextOptions): Promise<HostTools | undefined> {
  const names: Partial<Record<NodeJS.Architecture, Arch>> = { x64: 'x86_64', arm64: 'arm64' };
  const arch = ARCHES.find((one) => one === names[process.arch]);
  if (!arch) return undefined;
  const context = contextOf('host', options);
  const machine = machines[arch];
  const warden = path.join(await nativeBinaries(context, machine), 'bin/warden');
  const load = await loadProgram(context, machine, 'load');
  return { arch, warden, load, tasks: await loadProgram(context, machine, 'tasks') };
}
