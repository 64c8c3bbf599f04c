import { metadataOf } from '../filter/metadata/index.ts';
import type { Arch } from '../ids.ts';
import { checkHooks } from './check-hooks.ts';
import type { Hook } from './hook-schema.ts';
import { encodeHook, HOOK_BYTES, HOOK_OFFSETS } from './uapi.ts';

/** Hooks that people write: docs/hooks.md. */

export { describeHooks } from './describe.ts';
export { type Hook, hooksFileSchema, hooksSchema } from './hook-schema.ts';
export { checkHooksOn, readHooks } from './load.ts';

/** As the job of a schedule has them: of each hook, what it comes to, in base64. They were checked before. */
export function hooksForJob(hooks: readonly Hook[], arch: Arch, seed: string): string[][] {
  const result = checkHooks(hooks, arch);
  if (!result.ok) throw new Error(`the hooks are not right on ${arch}: ${result.problems[0]?.text}`);
  const { bigEndian } = metadataOf(arch);
  return result.value.map(({ parts }) =>
    parts.map(({ binary }) => Buffer.from(encodeHook(binary, bigEndian, BigInt(seed))).toString('base64')),
  );
}

/** A part of a job's hook with another schedule's seed, where it has the seed of this one. */
export function reseedHook(part: string, arch: Arch, before: bigint, after: bigint): string {
  const bytes = Buffer.from(part, 'base64');
  // A job out of a file may hold what is no hook; that is for the guest to refuse.
  if (bytes.length < HOOK_BYTES) return part;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = !metadataOf(arch).bigEndian;
  if (view.getBigUint64(HOOK_OFFSETS.seed, little) === before) {
    view.setBigUint64(HOOK_OFFSETS.seed, after, little);
  }
  return bytes.toString('base64');
}
