import { z } from 'zod';
import type { Place } from './place.ts';
import { type BenchRow, rowOf } from './rows.ts';

/** A workload that is observed. */
interface Workload {
  what: string;
  words: readonly string[];
}

const WAYS = ['bare', 'learn', 'strace'] as const;
type Way = (typeof WAYS)[number];

const SHELL = 'i=0; while [ $i -lt 20 ]; do cat /etc/passwd; ls /; i=$((i+1)); done';
const NS_IN_MS = 1_000_000;
const reportSchema = z.looseObject({ event: z.literal('load'), ns: z.number().positive() });

const workloads = ({ name, sizes }: Place): Workload[] => [
  { what: 'fork and exec', words: ['exec', String(sizes.counts.exec)] },
  // Guests of the benchmarks have no programs but these.
  ...(name === 'host'
    ? [
        { what: 'a shell that runs cat and ls', words: ['run', '3', 'sh', '-c', SHELL] },
        { what: 'python with a few modules', words: ['run', '3', 'python3', '-c', 'import json, re'] },
        { what: 'sort of 100,000 lines', words: ['run', '3', 'sh', '-c', 'seq 100000 | sort -r'] },
      ]
    : []),
];

/** What it costs a workload to be learned, beside itself and beside strace of all its calls. */
export async function measureLearn(place: Place): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const workload of workloads(place)) {
    const taken = new Map<Way, number[]>();
    for (let round = 0; round < place.sizes.rounds; round += 1) {
      for (const way of WAYS) {
        const { report } = await place.run(wordsOf(place, way, workload), round);
        taken.set(way, [...(taken.get(way) ?? []), reportSchema.parse(report).ns / NS_IN_MS]);
      }
    }
    const naming = { what: `${place.name}: ${workload.what}, learned`, unit: `ms${place.clock}` };
    const times = (way: Way): readonly number[] => taken.get(way) ?? [];
    rows.push(rowOf({ ...naming, peer: 'bare' }, times('learn'), times('bare')));
    rows.push(rowOf({ ...naming, peer: 'strace -f' }, times('learn'), times('strace')));
  }
  return rows;
}

function wordsOf({ programs }: Place, way: Way, { words }: Workload): string[] {
  const load = [programs.load, ...words];
  if (way === 'bare') return load;
  if (way === 'learn') return [programs.warden, 'learn', '--in-place', '--', ...load];
  return [programs.strace, '-f', '-qq', '-o', '/dev/null', ...load];
}
