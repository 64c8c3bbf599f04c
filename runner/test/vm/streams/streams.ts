import type { GuestEvent } from '../../../src/lib/events.ts';
import { type Argument, type Metadata, metadataOf } from '../../../src/lib/filter/metadata/index.ts';
import { type Hook, hooksSchema } from '../../../src/lib/hooks/index.ts';
import type { Arch } from '../../../src/lib/ids.ts';

/** What hooks tell of a program, without what differs from run to run: times, addresses, numbers of tasks. */

const ALWAYS = ['exec', 'fork', 'exit', 'signal'] as const;
/** Not every kernel tells of these; `hooks-open` and so on are its features. */
export const SOMETIMES = ['open', 'bind', 'connect', 'release', 'unanswered'] as const;
export type Sometimes = (typeof SOMETIMES)[number];

export const sometimesIn = (features: Readonly<Record<string, number>>): Sometimes[] =>
  SOMETIMES.filter((kind) => (features[`hooks-${kind}`] ?? 0) > 0);

export const watchOf = (features: Readonly<Record<string, number>>): Hook[] =>
  hooksSchema.parse([
    { on: 'call', syscall: 'all' },
    { on: 'return', syscall: 'all' },
    ...[...ALWAYS, ...sometimesIn(features)].map((on) => ({ on })),
  ]);

/** By task, in the order in which the first words of each came. */
export type Streams = ReadonlyMap<string, readonly string[]>;

type HooksEvent = Extract<GuestEvent, { from: 'hooks' }>;
type CallEvent = Extract<HooksEvent, { event: 'call' | 'return' }>;

/** The streams of the program that is executed first, and of all that it forks. */
export function streamsOf(events: readonly GuestEvent[], arch: Arch): Streams {
  const reader = new Reader(metadataOf(arch));
  for (const event of events) {
    if (event.from === 'hooks') reader.take(event);
  }
  return reader.streams;
}

const PID_ARGS = new Set(['pid', 'tgid', 'upid']);
/** Where something lies, and what the kernel is told of it: `val` of futex(2) may be a thread's number. */
const PLACE_ARGS = new Set(['addr', 'brk', 'start', 'val', 'newsp', 'tls', 'arg2', 'arg3', 'arg4', 'arg5']);
const PLACE_RESULTS = new Set(['brk', 'mmap', 'mmap2', 'mmap_pgoff']);
/** Whether a thread has to wait for another is the scheduler's to say. */
const UNTOLD = new Set(['futex']);
const LEAST_ERROR = -4095;

const socketOf = (event: { family: number; type: number; protocol: number }): string =>
  `${event.family} ${event.type} ${event.protocol}`;

class Reader {
  readonly streams = new Map<string, string[]>();
  readonly #names = new Map<number, string>();
  readonly #children = new Map<string, number>();
  readonly #calls: ReadonlyMap<number, { name: string; args: readonly Argument[] }>;
  readonly #errors: ReadonlyMap<number, string>;

  constructor(metadata: Metadata) {
    this.#calls = new Map([...metadata.syscalls.values()].map((call) => [call.number, call]));
    const errors = [...metadata.constants].filter(([name]) => /^E[A-Z0-9]+$/.test(name));
    this.#errors = new Map(errors.reverse().map(([name, value]) => [Number(value), name]));
  }

  take(event: HooksEvent): void {
    if (event.event === 'dropped') throw new Error(`${event.count} records are missing`);
    if (event.event === 'exec' && this.#names.size === 0) this.#names.set(event.pid, 'main');
    const process = this.#names.get(event.pid);
    if (process === undefined || this.#isUntold(event)) return;
    const task = 'tid' in event ? this.#thread(process, event.tid) : process;
    const stream = this.streams.get(task) ?? [];
    this.streams.set(task, stream);
    stream.push(this.#words(event, process));
  }

  #isUntold(event: HooksEvent): boolean {
    return 'number' in event && UNTOLD.has(this.#calls.get(event.number)?.name ?? '');
  }

  #thread(process: string, tid: number): string {
    const known = this.#names.get(tid);
    return known ?? this.#born(process, tid, 'thread');
  }

  #born(parent: string, pid: number, kind: 'child' | 'thread'): string {
    const key = `${parent}/${kind}`;
    const count = (this.#children.get(key) ?? 0) + 1;
    this.#children.set(key, count);
    const name = `${key}-${count}`;
    this.#names.set(pid, name);
    return name;
  }

  #words(event: Exclude<HooksEvent, { event: 'dropped' }>, process: string): string {
    switch (event.event) {
      case 'fork':
        return `fork ${this.#born(process, event.child, 'child')}`;
      case 'exec':
        return `exec ${event.path} ${event.argc} ${JSON.stringify(event.argv)}`;
      case 'exit':
        return `exit ${event.status}${event.leads ? ' leads' : ''}`;
      case 'signal':
        return `signal ${event.signal} code ${event.code}`;
      case 'open':
        return `open ${event.path} flags ${event.flags} mode ${event.mode}`;
      case 'bind':
      case 'connect':
        return `${event.event} ${socketOf(event)} ${JSON.stringify(event.path ?? event.ip)}`;
      case 'release':
        return `release ${socketOf(event)}`;
      case 'unanswered':
        return `unanswered ${event.command} mode ${event.mode}`;
      case 'call':
        return `call ${this.#call(event)}`;
      case 'return':
        return `return ${this.#call(event)} = ${this.#result(event, process)}`;
    }
  }

  #call(event: CallEvent): string {
    const call = this.#calls.get(event.number);
    if (!call) return `number ${event.number}`;
    if (event.event === 'return' && !event.callSeen) return `${call.name}(unseen)`;
    const registers = [event.arg0, event.arg1, event.arg2, event.arg3, event.arg4, event.arg5];
    const words = call.args.flatMap((arg) => {
      if (arg.type.kind !== 'int' || arg.high !== undefined || PLACE_ARGS.has(arg.name)) return [];
      const raw = registers[arg.low];
      if (raw === undefined) return [];
      const { bits, signed } = arg.type;
      const value = signed ? BigInt.asIntN(bits, BigInt(raw)) : BigInt.asUintN(bits, BigInt(raw));
      const named = PID_ARGS.has(arg.name) ? this.#names.get(Number(value)) : undefined;
      return [`${arg.name} ${named ?? value}`];
    });
    return `${call.name}(${words.join(', ')})`;
  }

  #result({ result, number }: Extract<CallEvent, { event: 'return' }>, process: string): string {
    const value = Number(result);
    const name = this.#calls.get(number)?.name ?? '';
    if (value < 0 && value >= LEAST_ERROR) return this.#errors.get(-value) ?? String(value);
    if (PLACE_RESULTS.has(name)) return 'a place';
    if (/^clone3?$/.test(name) && !this.#names.has(value) && value > 0) this.#born(process, value, 'thread');
    return this.#names.get(value) ?? String(result);
  }
}
