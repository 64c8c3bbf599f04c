import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, type TestContext } from 'vitest';
import { BootFailure, type Guest, prepareGuest, runSchedule } from '../../../src/guest/index.ts';
import { cacheAt } from '../../../src/lib/cache.ts';
import { type ScheduleEnd, SPLAT } from '../../../src/lib/events.ts';
import { type Arch, kernelIdSchema, targetName } from '../../../src/lib/ids.ts';
import { PLAIN_JOB, serializeJob } from '../../../src/lib/job.ts';
import { machines } from '../../../src/lib/machines/index.ts';
import type { Payload } from '../../../src/lib/payload.ts';
import { projectRoot } from '../../../src/lib/project.ts';
import { kernelOf } from '../../../src/provision/catalogue.ts';
import { hooksModule } from '../../../src/provision/hooks-module.ts';
import { type Catalogue, loadCatalogue, provisionTarget, writeCpio } from '../../../src/provision/index.ts';
import { type ContextOptions, contextOf } from '../../../src/provision/make-context.ts';
import { sourceKernel } from '../../../src/provision/source-kernel.ts';
import { optionsHere, skipUnlessReady } from '../here.ts';

/** The negative control of the debug kernels: a module with the bugs that they are to find, in the hook module's place. */

const MODULE = path.join(projectRoot, 'native/hooks/test/splat');
const LIMIT_SECONDS = 120;
export const SPLATS_LIMIT_MS = 1_800_000;

/** Each bug of the module, and the line by which it is found. */
const BUGS: Record<string, RegExp> = {
  warning: /WARNING: CPU: \d+ PID: 1 at .*warning/,
  atomic: /BUG: sleeping function called from invalid context/,
  inversion: /possible circular locking dependency detected/,
  rcu: /suspicious RCU usage/,
  preemptible: /BUG: using smp_processor_id\(\) in preemptible/,
  freed: /BUG: KASAN: |BUG kmalloc-2(048|k) .*: .*oison/,
  beyond: /BUG: KASAN: |BUG kmalloc-2(048|k) .*: .*edzone/,
  list: /WARNING: CPU: \d+ PID: 1 at .*list/,
  object: /ODEBUG: free active|WARNING: .*debug_print_object/,
  leak: /kmemleak: \d+ leaked: unreferenced object .*\(size 2048\).* < leak\S* \[photofinish\]/,
};

/** 4.10 lets a task alone that may run on one CPU only, and a sealed guest has one. */
const blindTo = (kernel: string): readonly string[] => (kernel.startsWith('4.10') ? ['preemptible'] : []);

/** Fails unless every bug ends its job as crashed and none is seen where there is none. */
export async function seesSplats(arch: Arch, kernel: string, context: TestContext): Promise<void> {
  await using lab = await openLab(arch, kernel, context);
  await using guest = await lab.boot(MODULE);
  expect(await endOf(guest, 'nothing')).toEqual({ kind: 'finished' });
  const missed: Record<string, ScheduleEnd> = {};
  for (const [bug, sign] of Object.entries(BUGS)) {
    if (blindTo(kernel).includes(bug)) continue;
    const end = await endOf(guest, bug);
    if (end.kind !== 'crashed' || !sign.test(end.detail)) missed[bug] = end;
  }
  expect(missed).toEqual({});
}

/** Fails unless a guest whose module has a bug as soon as it is loaded does not get ready. */
export async function seesSplatAtBoot(arch: Arch, kernel: string, context: TestContext): Promise<void> {
  await using lab = await openLab(arch, kernel, context);
  const hasty = path.join(lab.dir, 'hasty');
  await cp(MODULE, hasty, { recursive: true });
  const source = path.join(hasty, 'splat.c');
  const text = await readFile(source, 'utf8');
  await writeFile(source, text.replace('make_splat("nothing")', 'make_splat("inversion")'));
  const boot = lab.boot(hasty).then(async (guest) => guest[Symbol.asyncDispose]());
  const failure = await boot.catch((error: unknown) => error);
  if (!(failure instanceof BootFailure)) throw new Error(`it booted, or: ${failure}`);
  expect(failure.heard.end).toMatchObject({
    kind: 'crashed',
    detail: expect.stringMatching(/possible circular locking dependency detected/),
  });
}

/** How a job ends in which the module has this bug: as the console told, or else as the agent did. */
async function endOf(guest: Guest, bug: string): Promise<ScheduleEnd> {
  const job = serializeJob(
    {
      ...PLAIN_JOB,
      leaks: bug === 'leak' || bug === 'nothing',
      limitMs: LIMIT_SECONDS * 1000,
      argv: ['/bin/witness', 'GOOD', '1'],
      sysctl: { 'photofinish/splat': bug },
    },
    'splats',
  );
  const signal = new AbortController().signal;
  const { end, events } = await runSchedule(guest, job, { limitSeconds: LIMIT_SECONDS, signal });
  for (const event of events) {
    if (event.from !== 'agent') continue;
    if (event.event === 'sysctl') expect(event.errno, bug).toBe(0);
    if (event.event === 'error' && event.step === SPLAT && end.kind === 'finished') {
      return { kind: 'crashed', detail: event.subject };
    }
    if (event.event === 'error' && event.step !== SPLAT) return { kind: 'error', detail: event.subject };
  }
  return end;
}

interface Lab extends AsyncDisposable {
  dir: string;
  boot(module: string): Promise<Guest>;
}

async function openLab(arch: Arch, kernel: string, context: TestContext): Promise<Lab> {
  const dir = await mkdtemp(path.join(tmpdir(), 'pf-splats-'));
  const dispose = () => rm(dir, { recursive: true, force: true });
  try {
    const target = { arch, kernel: kernelIdSchema.parse(kernel) };
    const catalogue = await loadCatalogue();
    const options = await optionsHere(catalogue);
    await skipUnlessReady(target, catalogue, options, context);
    const provisioned = await provisionTarget(target, { ...options, catalogue, scenarios: [] });
    if (!provisioned.ok) throw new Error(provisioned.reason);
    const { payload } = provisioned;
    const cache = cacheAt(path.join(dir, 'cache'));
    const boot = async (module: string): Promise<Guest> =>
      prepareGuest(
        await withModule(payload, catalogue, options, module, dir),
        'sealed',
        cache,
        options.signal,
      );
    return { dir, boot, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** What comes later in an initramfs takes the place of what came before. */
async function withModule(
  payload: Payload,
  catalogue: Catalogue,
  options: ContextOptions,
  source: string,
  dir: string,
): Promise<Payload> {
  const { target } = payload;
  const machine = machines[target.arch];
  const context = contextOf(targetName(target), options);
  const entry = kernelOf(catalogue, target);
  if (entry.kind !== 'source') throw new Error(`${target.kernel} is not built`);
  const module = await hooksModule(context, await sourceKernel(context, entry, machine), machine, source);
  const folder = (name: string) => ({ kind: 'dir', path: name, mode: 0o755 }) as const;
  const more = writeCpio([
    ...[folder('lib'), folder('lib/modules')],
    { kind: 'file', path: 'lib/modules/photofinish.ko', mode: 0o644, content: await readFile(module) },
  ]);
  const key = path.basename(source);
  const initramfs = path.join(dir, `${key}.cpio`);
  await writeFile(initramfs, Buffer.concat([await readFile(payload.initramfs), more]));
  return { ...payload, initramfs, key };
}
