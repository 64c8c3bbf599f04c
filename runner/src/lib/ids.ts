import { z } from 'zod';

/** Names that travel between stages. They are plain strings on the wire and branded in the code. */

export const ARCHES = ['x86_64', 'arm', 'mips', 'mipsel', 'arm64'] as const;
export const archSchema = z.enum(ARCHES);
export type Arch = z.infer<typeof archSchema>;

/** A line of the catalogue: `debian-6.1`, `4.10`. */
export const kernelIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]*$/)
  .brand<'KernelId'>();
export type KernelId = z.infer<typeof kernelIdSchema>;

/** `family/name`: `argv/thread-rewrite`. */
export const scenarioIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9-]*$/, 'a scenario is named family/name, in lower case')
  .brand<'ScenarioId'>();
export type ScenarioId = z.infer<typeof scenarioIdSchema>;

/** Of scenarios that are a guest's own tests: the lab has nothing to run them again with. */
export const KTAP_FAMILY = 'ktap/';

export interface Target {
  arch: Arch;
  kernel: KernelId;
}

export const LANES = ['control', 'guarded', 'honest'] as const;
export type Lane = (typeof LANES)[number];
export type Mode = 'sealed' | 'live';
/** What the warden can use, and what can be asked for. */
export const USED_BACKENDS = ['notify', 'trace'] as const;
export type UsedBackend = (typeof USED_BACKENDS)[number];
export type Backend = 'auto' | UsedBackend;
/** Who holds a command to a profile's files: `--files` of `warden run`. */
export const FILE_KEEPERS = ['landlock', 'judged'] as const;

/** `arm/debian-6.1` */
export const targetName = (target: Target): string => `${target.arch}/${target.kernel}`;

/** `argv/thread-rewrite@arm/debian-6.1`, and `…+trace` where the backend is forced. */
export const cellId = (scenario: ScenarioId, target: Target, backend: Backend = 'auto'): string =>
  `${scenario}@${targetName(target)}${backend === 'auto' ? '' : `+${backend}`}`;

/** Folder of a cell inside its run: the id with nothing in it that a file system or a shell minds. */
export const cellFolder = (id: string): string => `cells/${id.replaceAll('/', '_')}`;
