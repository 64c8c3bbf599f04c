import type { UsedBackend } from '../../lib/ids.ts';
import type { BenchPolicy } from '../../provision/index.ts';

/** Somewhere the loads can be run: the host, or a guest. Disposing it leaves nothing behind. */
export interface Place extends AsyncDisposable {
  /** `host`, `arm/debian-6.1` */
  name: string;
  /** What its clock counts, for people: nothing to say on the host. */
  clock: string;
  backends: readonly UsedBackend[];
  sizes: Sizes;
  programs: Record<'load' | 'tasks' | 'warden' | 'strace', string>;
  policy(name: BenchPolicy): string;
  /** Runs a command and gives what the load said. Throws where it said nothing. */
  run(command: readonly string[], round: number): Promise<Said>;
}

/** How much is asked of a place; one that emulates its processor takes less. */
export interface Sizes {
  rounds: number;
  counts: Record<Work, number>;
  /** Live tasks while the warden's memory is looked at. */
  tasks: number;
}

export const WORKS = ['exec', 'open', 'null'] as const;
export type Work = (typeof WORKS)[number];

export interface Said {
  /** The fields of the load's one report. */
  report: Readonly<Record<string, unknown>>;
  /** What else was printed. */
  words: string;
}
