import type { Machine } from '../lib/machines/index.ts';
import type { Context } from './context.ts';
import { headerTree } from './header-tree.ts';
import type { Kernel } from './kernel.ts';
import { kernelBundle } from './kernel-bundle.ts';
import { nicModules } from './nic-modules.ts';
import type { ResolvedKernel } from './resolve-kernel.ts';
import { compilerOf } from './toolchain.ts';

export function packagedKernel(context: Context, resolved: ResolvedKernel, machine: Machine): Kernel {
  const compiler = compilerOf(machine.gnuTriple);
  return {
    release: resolved.release,
    origin: `package ${resolved.image.version}`,
    inputs: [resolved.headers, resolved.common, resolved.kbuild].map(({ sha256 }) => sha256),
    compiler,
    async image() {
      const bundle = await kernelBundle(context, resolved);
      return { file: bundle.image, sha256: bundle.imageSha256 };
    },
    async moduleTree() {
      return { dir: await headerTree(context, resolved), words: moduleWords(machine, compiler) };
    },
    nicModules: () => nicModules(context, resolved, machine),
  };
}

/** The package's makefiles learn from DEB_* which tools run here and which are for the guest. */
const moduleWords = (machine: Machine, { prefix, cc }: { prefix: string; cc: string }): string[] => [
  `ARCH=${machine.kernelArch}`,
  // Any two unequal words make them cross compile; the host's own arch has a prefixed compiler as well.
  ...[`DEB_HOST_ARCH=${machine.debianArch}`, 'DEB_BUILD_ARCH=host', `DEB_HOST_GNU_TYPE=${machine.gnuTriple}`],
  // The packages name the compiler they were built with; another host release has another one.
  ...[`CROSS_COMPILE=${prefix}`, `CC=${cc}`],
];
