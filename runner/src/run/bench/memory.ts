import { z } from 'zod';
import type { Place } from './place.ts';
import { type BenchRow, rowOf } from './rows.ts';
import { prefixOf } from './ways.ts';

/** The promise, in KiB. */
const BASE = 4096;
const BYTES_A_TASK = 200;

const reportSchema = z.looseObject({
  event: z.literal('memory'),
  warden: z.number().positive(),
  keeper: z.number().nonnegative(),
});

/** VmRSS of the warden and its keeper, with one task and with many, beside what is promised. */
export async function measureMemory(place: Place): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const backend of place.backends) {
    for (const tasks of [1, place.sizes.tasks]) {
      const way = { kind: 'warden', backend, guard: 'strict', policy: 'exec' } as const;
      const command = [...prefixOf(place, way), place.programs.tasks, String(tasks)];
      const { warden, keeper } = reportSchema.parse((await place.run(command, 0)).report);
      const naming = {
        what: `${place.name}: memory with ${tasks} live task${tasks === 1 ? '' : 's'}, ${backend}`,
        ...{ unit: 'KiB resident, keeper included', peer: `4 MiB + ${BYTES_A_TASK} B a task` },
      };
      rows.push(rowOf(naming, [warden + keeper], [BASE + (BYTES_A_TASK * tasks) / 1024]));
    }
  }
  return rows;
}
