import { onArches } from '../filter/on-arches.ts';
import { ARCHES, type Arch } from '../ids.ts';
import { type PlacedYaml, readPlacedYaml } from '../yaml-file.ts';
import { type CheckedHook, checkHooks } from './check-hooks.ts';
import { type Hook, hooksFileSchema } from './hook-schema.ts';

/** Hooks of files, with everything that is wrong with them said in the file's own lines and columns. */

const KEY = ['hooks'];

export async function readHooks(
  file: string,
  arches: readonly Arch[] = ARCHES,
): Promise<{ hooks: Hook[]; checked: Map<Arch, CheckedHook[]> }> {
  const yaml = await readPlacedYaml(file, hooksFileSchema);
  const { hooks } = yaml.value;
  return { hooks, checked: checkHooksOn(yaml, hooks, KEY, arches) };
}

/** The hooks that stand at a key of a file; a UserError says what is wrong with them on any arch. */
export function checkHooksOn<T>(
  yaml: PlacedYaml<T>,
  hooks: readonly Hook[],
  key: readonly string[],
  arches: readonly Arch[] = ARCHES,
): Map<Arch, CheckedHook[]> {
  return onArches(
    arches,
    (arch) => checkHooks(hooks, arch),
    (problems) => yaml.complain(problems.map((one) => ({ ...one, path: [...key, ...one.path] }))),
  );
}
