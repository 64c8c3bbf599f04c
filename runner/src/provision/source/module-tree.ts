import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * What modules outside the tree are built in: the makefiles, the headers, and the programs that kbuild runs, of the
 * tree and of what was built, merged into one folder as if the kernel had been built in its own tree.
 */
export async function collectModuleTree(
  tree: string,
  objects: string,
  srcArch: string,
  into: string,
): Promise<void> {
  const arch = `arch/${srcArch}`;
  const ofTree = [
    ...['Makefile', 'Kbuild'].filter((name) => existsSync(path.join(tree, name))),
    ...(await filesIn(tree, 'include', isHeaderSource)),
    ...(await filesIn(tree, 'scripts', isScript)),
    ...(await filesIn(tree, arch, isArchFile)),
  ];
  const ofBuild = [
    ...['.config', 'Module.symvers', 'include/config/auto.conf', 'include/config/kernel.release'],
    ...['tools/objtool/objtool'].filter((name) => existsSync(path.join(objects, name))),
    ...(await filesIn(objects, 'include/generated', isNoObject)),
    ...(await filesIn(objects, `${arch}/include/generated`, isNoObject)),
    ...(await filesIn(objects, 'scripts', isBuiltScript)),
    ...(await filesIn(objects, arch, isLinkerScript)),
  ];
  // What was built comes last: where both have a file, it is the one that counts.
  for (const name of ofTree) await copyInto(tree, name, into);
  for (const name of ofBuild) await copyInto(objects, name, into);
}

/** Parts of `scripts` that serve the build of a whole kernel, or people. */
const SPARE_SCRIPTS =
  /^scripts\/(dtc|kconfig|package|coccinelle|gdb|ksymoops|selinux|tracing|rust)[./]|^scripts\/\w+\.rs$/;

const isHeaderSource = (name: string): boolean => !/^include\/(config|generated|dt-bindings)\//.test(name);
const isScript = (name: string): boolean => !SPARE_SCRIPTS.test(name);
const isNoObject = (name: string): boolean => !/(\.o|\.a|\.cmd|\.d)$/.test(name);
const isBuiltScript = (name: string): boolean => isScript(name) && isNoObject(name);
const isLinkerScript = (name: string): boolean => name.endsWith('/module.lds');
const isArchFile = (name: string): boolean =>
  (/\/include\//.test(name) && !/\/include\/(config|generated)\//.test(name)) ||
  /^arch\/[^/]+\/(Makefile|Kbuild)[^/]*$/.test(name) ||
  /\/(Platform|Makefile\.postlink|module\.lds)$/.test(name);

/** Names below a folder of a root that are wanted, relative to the root; in a farm they are links. */
async function filesIn(root: string, folder: string, wanted: (name: string) => boolean): Promise<string[]> {
  const found = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  return found
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter(wanted)
    .sort();
}

/** A link becomes what it leads to; one that leads to a folder has its files elsewhere, and one that leads nowhere has none. */
async function copyInto(root: string, name: string, into: string): Promise<void> {
  const from = path.join(root, name);
  if (!(await stat(from).catch(() => undefined))?.isFile()) return;
  const to = path.join(into, name);
  await mkdir(path.dirname(to), { recursive: true });
  await copyFile(from, to);
}
