/** The parts of Chrome's trace event format that traces are written in; docs/formats.md, Trace. */

interface Place {
  pid: number;
  tid: number;
}

type Args = Readonly<Record<string, unknown>>;

export interface Metadata extends Place {
  ph: 'M';
  name: 'process_name' | 'process_sort_index' | 'thread_name' | 'thread_sort_index';
  args: Args;
}

interface Timed extends Place {
  name: string;
  cat: string;
  /** Microseconds, as everything in this format. */
  ts: number;
}

export interface Slice extends Timed {
  ph: 'X';
  dur: number;
  args: Args;
}

export interface Instant extends Timed {
  ph: 'i';
  /** Of its thread alone. */
  s: 't';
  args: Args;
}

/** Both ends of an arrow have its id, name and category. `bp: e`: it points at the slice that is there, not at the next one. */
export type Flow = Timed & { id: number } & ({ ph: 's' } | { ph: 'f'; bp: 'e' });

export type TraceEvent = Metadata | Slice | Instant | Flow;

/** Perfetto rounds to nanoseconds, but cut off before v52, as others may: half a rounding error would make neighbours overlap there. */
export function microseconds(ns: number): number {
  const us = ns / 1000;
  return Math.trunc(us * 1000) < ns ? us * (1 + Number.EPSILON) : us;
}
