export interface DebianSource {
  suite: string;
  uri: string;
  /** Path of the keyring the host names for it, or empty. */
  keyring: string;
}
export const indexTargetsArgs: readonly string[];
export function parseIndexTargets(text: string): DebianSource[];
export function sourceOfSuite(sources: readonly DebianSource[], suite: string): DebianSource | undefined;
export function sourceLine(source: DebianSource, fileExists: (file: string) => boolean): string;
export function aptConf(dump: string): string;
export function privateAptArgs(dir: string, debianArch?: string): string[];
