import type { UserError } from '../errors.ts';
import type { Arch } from '../ids.ts';
import type { PlacedProblem } from '../yaml-file.ts';

type Checked<T, P> = { ok: true; value: T } | { ok: false; problems: readonly P[] };

/** What a check makes of something on each arch; else a UserError says what is wrong, and on which arches. */
export function onArches<T, P extends Pick<PlacedProblem, 'text'>>(
  arches: readonly Arch[],
  check: (arch: Arch) => Checked<T, P>,
  complain: (problems: readonly P[]) => UserError,
): Map<Arch, T> {
  const good = new Map<Arch, T>();
  const found = new Map<string, { problem: P; on: Arch[] }>();
  for (const arch of arches) {
    const result = check(arch);
    if (result.ok) good.set(arch, result.value);
    for (const problem of result.ok ? [] : result.problems) {
      const key = JSON.stringify(problem);
      const known = found.get(key) ?? { problem, on: [] };
      found.set(key, { problem, on: [...known.on, arch] });
    }
  }
  if (found.size === 0) return good;
  // What is wrong everywhere says it all.
  const everywhere = [...found.values()].filter(({ on }) => on.length === arches.length);
  const told = everywhere.length > 0 ? everywhere : [...found.values()];
  throw complain(
    told.map(({ problem, on }) =>
      on.length === arches.length ? problem : { ...problem, text: `on ${on.join(', ')}: ${problem.text}` },
    ),
  );
}
