import type { Moment, Timeline, Track } from './model.ts';
import type { Metadata } from './trace-events.ts';

/** Where things are in a trace: groups, which the format calls processes, of rows, which it calls threads. */

export type Group = 'breach' | 'trials' | Track;

const GROUPS: readonly Group[] = ['breach', 'trials', 'attacker', 'victim', 'warden', 'kernel', 'agent'];
/** Readers know threads by their number alone, so none is used twice, nor that of a process. */
const FIRST_ROW = 100;

export interface Row {
  pid: number;
  tid: number;
}

/** Rows are there from the first time on that one is asked for. */
export class Rows {
  readonly #roles: Timeline['roles'];
  readonly #rows = new Map<string, { row: Row; group: Group; title: string }>();

  constructor({ roles }: Timeline) {
    this.#roles = roles;
  }

  row(group: Group, title: string = group): Row {
    const key = `${group} ${title}`;
    const known = this.#rows.get(key);
    if (known) return known.row;
    const row = { pid: GROUPS.indexOf(group) + 1, tid: FIRST_ROW + this.#rows.size };
    this.#rows.set(key, { row, group, title });
    return row;
  }

  /** Slices of one row must not overlap by halves, so what the warden does about a process has a row of its own. */
  rowOf({ track, event }: Moment): Row {
    const apart = track === 'attacker' || track === 'victim' || track === 'warden';
    return apart && 'pid' in event ? this.processRow(track, event.pid) : this.row(track);
  }

  processRow(group: Group, pid: number): Row {
    return this.row(group, `${this.#roles.get(pid) ?? 'nobody'} (pid ${pid})`);
  }

  metadata(): Metadata[] {
    const used = [...this.#rows.values()];
    const groups = GROUPS.filter((group) => used.some((one) => one.group === group));
    return [
      ...groups.flatMap((group): Metadata[] => {
        const pid = GROUPS.indexOf(group) + 1;
        return [
          { ph: 'M', name: 'process_name', pid, tid: pid, args: { name: group } },
          { ph: 'M', name: 'process_sort_index', pid, tid: pid, args: { sort_index: pid } },
        ];
      }),
      ...used.flatMap(({ row: { pid, tid }, title }): Metadata[] => [
        { ph: 'M', name: 'thread_name', pid, tid, args: { name: title } },
        { ph: 'M', name: 'thread_sort_index', pid, tid, args: { sort_index: tid } },
      ]),
    ];
  }
}
