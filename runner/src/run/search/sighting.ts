import type { GuestEvent, ScheduleRecord } from '../../lib/events.ts';
import { metadataOf } from '../../lib/filter/metadata/index.ts';
import type { Hook } from '../../lib/hooks/index.ts';
import type { Arch } from '../../lib/ids.ts';
import type { NearMiss, Sighting, Strategy } from './strategies.ts';

/** What has to be watched for a sighting. */
export const LOOKOUT: readonly Hook[] = [
  { on: 'call', syscall: 'all', priority: 0, record: true },
  { on: 'return', syscall: 'all', priority: 0, record: true },
];

/** The schedules that are watched. What they come to counts as that of any other. */
export const lookout: Strategy = {
  name: 'lookout',
  about: () => 'what every call is recorded of, ahead of the others, to see what there is to be disturbed',
  levers: () => [...LOOKOUT],
  disturbs: true,
  trials: 1,
};

/** As the scenario has it, with `own` hooks: what the lookout's tell is for the sighting, and no pattern is to match it. */
export const withoutLookout = (record: ScheduleRecord, own: number): ScheduleRecord => ({
  ...record,
  events: record.events.filter((event) => !isCall(event) || event.hook < own),
});

/** Calls further apart than this have nothing to do with each other. */
const NEAR_NS = 2_000_000;
/** More places than these spread the delays too thin. */
const MOST = 8;
/** Below it no program's memory lies (vm.mmap_min_addr). */
const LEAST_ADDRESS = 65_536;

type Call = Extract<GuestEvent, { from: 'hooks'; event: 'call' | 'return' }>;

/** What the events of plain schedules tell; `names` and `holdsCalls` are known from elsewhere. */
export function sightingOf(
  schedules: readonly (readonly GuestEvent[])[],
  arch: Arch,
  known: Pick<Sighting, 'names' | 'holdsCalls'>,
): Sighting {
  const calls = schedules.map((events) => events.filter(isCall).sort((a, b) => a.t - b.t));
  const begun = calls.map((all) => all.filter(({ event }) => event === 'call').length);
  const tasks = calls.map((all) => new Set(all.map(({ tid }) => tid)).size);
  return {
    ...known,
    tasks: Math.max(0, ...tasks),
    calls: Math.max(0, ...begun),
    nearMisses: nearMisses(calls, arch),
  };
}

const isCall = (event: GuestEvent): event is Call =>
  event.from === 'hooks' && (event.event === 'call' || event.event === 'return');

function nearMisses(schedules: readonly (readonly Call[])[], arch: Arch): NearMiss[] {
  const names = nativeNames(arch);
  const nearest = new Map<string, number>();
  const note = (call: Call, gap: number): void => {
    const name = names(call);
    if (name !== undefined) nearest.set(name, Math.min(gap, nearest.get(name) ?? Infinity));
  };
  for (const calls of schedules) {
    for (const [a, b] of nearPairs(calls)) {
      note(a, b.t - a.t);
      note(b, b.t - a.t);
    }
  }
  return [...nearest]
    .map(([syscall, gapNs]): NearMiss => ({ syscall, gapNs }))
    .sort((a, b) => a.gapNs - b.gapNs)
    .slice(0, MOST);
}

/** Calls of two tasks, one soon after the other, that have something in common. */
function* nearPairs(calls: readonly Call[]): Generator<[Call, Call]> {
  for (const [i, a] of calls.entries()) {
    for (const b of calls.slice(i + 1)) {
      if (b.t - a.t > NEAR_NS) break;
      if (a.tid !== b.tid && (names(a, b) || names(b, a) || sharesAddress(a, b))) yield [a, b];
    }
  }
}

const args = ({ arg0, arg1, arg2, arg3, arg4, arg5 }: Call): string[] =>
  [arg0, arg1, arg2, arg3, arg4, arg5].map(String);

/** The first is told of the second's task by its number. */
const names = (a: Call, b: Call): boolean =>
  args(a)
    .slice(0, 2)
    .some((arg) => arg === String(b.pid) || arg === String(b.tid));

function sharesAddress(a: Call, b: Call): boolean {
  const others = new Set(args(b));
  return args(a).some((arg) => Math.abs(Number(arg)) >= LEAST_ADDRESS && others.has(arg));
}

/** Of calls of the arch's own ABI. */
function nativeNames(arch: Arch): (call: Call) => string | undefined {
  const { audit, syscalls } = metadataOf(arch);
  const byNumber = new Map([...syscalls.values()].map(({ name, number }) => [number, name]));
  return ({ abi, number }) => (abi === audit ? byNumber.get(number) : undefined);
}
