export interface NeededPackage {
  package: string;
  program?: string;
  file?: string;
  qemu?: boolean;
}
type Environment = Readonly<Record<string, string | undefined>>;
export const packages: {
  arches: Readonly<Record<string, readonly NeededPackage[]>>;
  defaultArches: readonly string[];
  benchWarden: readonly NeededPackage[];
  kernel: readonly NeededPackage[];
  kernelHeaders: Readonly<Record<string, readonly NeededPackage[]>>;
  kernelCompilers: Readonly<Record<string, readonly NeededPackage[]>>;
  qemuVersion: number;
};
export function packagesToBuildKernels(arches: readonly string[]): NeededPackage[];
export function packagesFor(words: readonly string[]): NeededPackage[];
export function isThere(
  item: NeededPackage,
  where: { env: Environment; installed: ReadonlyMap<string, string> },
): boolean;
export function preferred(items: readonly NeededPackage[], env?: Environment): NeededPackage | undefined;
export function parseStatus(text: string): Map<string, string>;
export function readInstalled(file?: string): Map<string, string>;
export function majorOf(version: string): number;
export function oldQemu(items: readonly NeededPackage[], installed: ReadonlyMap<string, string>): NeededPackage[];
export function haveAptLists(dir?: string): boolean;
export function installLine(names: readonly string[], host?: { root?: boolean; lists?: boolean }): string;
