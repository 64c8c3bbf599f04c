import type { UsedBackend } from '../../lib/ids.ts';
import type { BenchPolicy } from '../../provision/index.ts';
import type { Place, Work } from './place.ts';

/** The ways in which one load is run. */
export type Way =
  | { kind: 'bare' }
  | { kind: 'strace'; selected: Judged }
  | { kind: 'warden'; backend: UsedBackend; guard: Guard; policy: BenchPolicy };

/** Loads that a policy rules. */
export type Judged = Extract<Work, 'exec' | 'open'>;
export const GUARDS = ['strict', 'none'] as const;
export type Guard = (typeof GUARDS)[number];

/** What the warden is asked about under the policy of this name, as strace has it; `?`: not on every arch. */
const SELECTED: Record<Judged, string> = {
  exec: 'execve,execveat,?fork,?vfork,clone,?clone3',
  open: '?open,?creat,openat,?openat2',
};

export const wayKey = (way: Way): string => Object.values(way).join(' ');

/** The words before the load's own. */
export function prefixOf(place: Place, way: Way): string[] {
  const { load, warden, strace } = place.programs;
  const silently = [load, 'silently'];
  switch (way.kind) {
    case 'bare':
      return silently;
    case 'strace': {
      const quiet = ['-qq', '-o', '/dev/null'];
      return [...silently, strace, '-f', '--seccomp-bpf', ...quiet, '-e', `trace=${SELECTED[way.selected]}`];
    }
    case 'warden': {
      const guards = ['--argv-guard', way.guard, '--deep-guard', way.guard];
      const policy = ['--policy', place.policy(way.policy), '--'];
      return [...silently, warden, 'run', '--backend', way.backend, ...guards, ...policy];
    }
  }
}
