import type { Arch } from '../ids.ts';
import type { CheckedHook } from './check-hooks.ts';
import type { Hook } from './hook-schema.ts';
import { UAPI } from './uapi.ts';

/** What hooks come to on one arch, for a reader. */
export function describeHooks(arch: Arch, hooks: readonly Hook[], checked: readonly CheckedHook[]): string[] {
  const lines = checked.map(({ index, parts }) => {
    const sizes = parts.map(({ call, binary }) => {
      const size = `${binary.program.length} of ${UAPI.PF_PROGRAM_MOST} instructions`;
      return call === undefined ? size : `${call} ${size}`;
    });
    return `  ${index}: on ${hooks[index]?.on}: ${sizes.join(', ') || `nothing that ${arch} has`}`;
  });
  return [`${arch}:`, ...lines];
}
