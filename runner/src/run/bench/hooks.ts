import { z } from 'zod';
import type { Place } from './place.ts';
import { type BenchRow, costs, rowOf } from './rows.ts';

/** Ways in which the hook module is there while a program calls getppid(2); native/bench/hooked.c has them. */
const WAYS = ['absent', 'idle', 'others', 'unmatched', 'gated', 'recording', 'ftrace'] as const;
type Way = (typeof WAYS)[number] | 'strace';

const AGAINST_ABSENT: Partial<Record<Way, string>> = {
  idle: 'loaded, no hook',
  others: '16 hooks on other calls',
  unmatched: '16 hooks on it, none matches',
  gated: 'a recording hook, gated out of scope',
  recording: 'recorded by a hook',
};

/** It is in guests alone: a host's module is nobody's business here. */
const HOOKED = '/bench/hooked';
const COUNT = 4000;
const NS_IN_US = 1000;
const reportSchema = z.looseObject({ event: z.literal('load'), ns: z.number().positive() });

/** What getppid(2) costs with the hook module in each way, and what its record costs beside ftrace's and strace's. */
export async function measureHooks(place: Place): Promise<BenchRow[]> {
  const taken = new Map<Way, number[]>();
  for (let round = 0; round < place.sizes.rounds; round += 1) {
    for (const way of [...WAYS, 'strace'] as const) {
      const { report } = await place.run(wordsOf(place, way), round);
      const { ns } = reportSchema.parse(report);
      taken.set(way, [...(taken.get(way) ?? []), ns / NS_IN_US]);
    }
  }
  const times = (way: Way): readonly number[] => taken.get(way) ?? [];
  const none = times('absent').map(() => 0);
  const each = (way: Way): number[] => costs(times(way), none, COUNT);
  const added = (way: Way): number[] => costs(times(way), times('absent'), COUNT);
  const naming = (what: string, unit: string, peer: string) => ({
    ...{ what: `${place.name}: getppid, ${what}`, unit: `${unit}${place.clock}`, peer },
  });
  return [
    ...(Object.entries(AGAINST_ABSENT) as [Way, string][]).map(([way, what]) =>
      rowOf(naming(what, 'us each', 'module absent'), each(way), each('absent')),
    ),
    rowOf(
      naming('a record', 'us added to each', 'ftrace raw_syscalls:sys_enter'),
      added('recording'),
      added('ftrace'),
    ),
    rowOf(naming('a record', 'us added to each', 'strace'), added('recording'), added('strace')),
  ];
}

function wordsOf({ programs }: Place, way: Way): string[] {
  const load = [programs.load, 'null', String(COUNT)];
  if (way !== 'strace') return [HOOKED, way, ...load];
  return [HOOKED, 'absent', programs.strace, '-qq', '-o', '/dev/null', '-e', 'trace=getppid', ...load];
}
