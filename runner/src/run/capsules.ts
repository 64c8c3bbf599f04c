import path from 'node:path';
import { type Guest, runInputs } from '../guest/index.ts';
import { withLabErrors } from '../lib/cache.ts';
import {
  CAPSULE,
  CAPSULE_SUFFIX,
  type Capsule,
  capsuleText,
  TIMELINE_SUFFIX,
  TRACE_SUFFIX,
} from '../lib/capsule.ts';
import { cellFolder } from '../lib/ids.ts';
import { limitSecondsOf } from '../lib/job.ts';
import { replaceFile } from '../lib/replace-file.ts';
import type { Cell } from '../lib/verdict.ts';
import type { Breach } from './certificates.ts';
import type { RunContext } from './context.ts';
import type { Ran } from './recorded.ts';

/** Writes what the breaches of a cell can be had again from; paths of the capsules, relative to the run's folder. */
export async function writeCapsules(
  { outDir, render }: Pick<RunContext, 'outDir' | 'render'>,
  cell: Cell,
  guest: Guest,
  breaches: readonly Breach[],
): Promise<string[]> {
  if (guest.forks === null || guest.mode === 'live') return [];
  const files: string[] = [];
  for (const { ran, count, repeats, passed } of breaches) {
    const capsule = await capsuleOf(cell, guest, ran, count);
    if (!capsule) continue;
    const certified = repeats && { repeats: { same: repeats.same, of: repeats.of } };
    const { lane, seed } = ran.record;
    const file = await writeCapsule(outDir, { ...capsule, ...certified }, `${lane}-${seed}`);
    // How the attack works is known; how the defence was got past is what somebody wants to see.
    if (lane === 'guarded') await writeBeside(outDir, file, TRACE_SUFFIX, render.trace(cell, ran.record));
    await writeBeside(outDir, file, TIMELINE_SUFFIX, render.timeline(cell, ran.record, passed));
    files.push(file);
  }
  return files;
}

/** Undefined where the run has no digest that it could be known again by. */
export async function capsuleOf(
  cell: Cell,
  guest: Guest,
  { record, job, before }: Ran,
  breaches: number,
): Promise<Capsule | undefined> {
  const { lane, shape, digest, trials } = record;
  if (digest === null) return undefined;
  return {
    capsule: CAPSULE,
    ...{ cell: cell.id, scenario: cell.scenario.id, arch: cell.arch, kernel: cell.kernel },
    ...{ lane, shape },
    kernelSource: guest.payload.kernelSource,
    kernelRelease: guest.ready.release,
    inputs: await runInputs(guest),
    before: [...before],
    job,
    limitSeconds: limitSecondsOf(job, ...before),
    expected: { digest, trials, breaches },
  };
}

/** The file's path, relative to the folder. */
export async function writeCapsule(outDir: string, capsule: Capsule, name: string): Promise<string> {
  const file = path.join(cellFolder(capsule.cell), name + CAPSULE_SUFFIX);
  await withLabErrors(outDir, () => replaceFile(path.join(outDir, file), capsuleText(capsule)));
  return file;
}

/** By the capsule's name but for its end. */
export async function writeBeside(
  outDir: string,
  capsuleFile: string,
  suffix: typeof TRACE_SUFFIX | typeof TIMELINE_SUFFIX,
  text: string,
): Promise<void> {
  const file = capsuleFile.slice(0, -CAPSULE_SUFFIX.length) + suffix;
  await withLabErrors(outDir, () => replaceFile(path.join(outDir, file), text));
}
