import { z } from 'zod';
import type { Place, Said, Work } from './place.ts';
import { type BenchRow, costs, rowOf } from './rows.ts';
import { GUARDS, type Judged, prefixOf, type Way, wayKey } from './ways.ts';

const JUDGED: readonly Judged[] = ['open', 'exec'];
const BARE: Way = { kind: 'bare' };

/** What a call is, to whoever reads the row. */
const CALLS: Record<Work, string> = { exec: 'fork and exec', open: 'open', null: 'null call' };
const NS_IN_US = 1000;

/** Every way of every load has its turn in each round. */
export async function measureCalls(place: Place): Promise<BenchRow[]> {
  const times = new Times(place);
  for (let round = 0; round < place.sizes.rounds; round += 1) {
    for (const work of ['open', 'exec', 'null'] as const) {
      for (const way of [BARE, ...judgedWays(place, work), ...quietWays(place)])
        await times.take(work, way, round);
    }
  }
  return [
    ...JUDGED.flatMap((work) => judgedRows(place, work, times)),
    ...(['open', 'exec', 'null'] as const).flatMap((work) => quietRows(place, work, times)),
  ];
}

const isJudged = (work: Work): work is Judged => work !== 'null';

function judgedWays(place: Place, work: Work): Way[] {
  if (!isJudged(work)) return [];
  return [{ kind: 'strace', selected: work }, ...wardens(place, work)];
}

const wardens = (place: Place, policy: Judged): Extract<Way, { kind: 'warden' }>[] =>
  place.backends.flatMap((backend) =>
    GUARDS.map((guard) => ({ kind: 'warden' as const, backend, guard, policy })),
  );

/** Under a policy that names none of the load's calls. */
const quietWays = (place: Place): Extract<Way, { kind: 'warden' }>[] =>
  place.backends.map((backend) => ({ kind: 'warden', backend, guard: 'strict', policy: 'others' }));

function judgedRows(place: Place, work: Judged, times: Times): BenchRow[] {
  const count = place.sizes.counts[work];
  const bare = times.of(work, BARE);
  const strace: Way = { kind: 'strace', selected: work };
  const theirs = costs(times.of(work, strace), bare, count);
  const peer = times.withoutFilter.has(work)
    ? 'strace -f (no --seccomp-bpf here)'
    : 'strace -f --seccomp-bpf';
  return wardens(place, work).map((way) =>
    rowOf(
      {
        what: `${place.name}: ${CALLS[work]} judged, ${way.backend}, ${guardOf(work)} ${way.guard}`,
        unit: `us added to each${place.clock}`,
        peer,
      },
      costs(times.of(work, way), bare, count),
      theirs,
    ),
  );
}

const guardOf = (work: Judged): string => (work === 'exec' ? 'argv-guard' : 'deep-guard');

function quietRows(place: Place, work: Work, times: Times): BenchRow[] {
  const none = times.of(work, BARE).map(() => 0);
  const count = place.sizes.counts[work];
  return quietWays(place).map((way) =>
    rowOf(
      {
        what: `${place.name}: ${CALLS[work]} no rule names, ${'backend' in way ? way.backend : ''}`,
        unit: `us each${place.clock}`,
        peer: 'bare',
      },
      costs(times.of(work, way), none, count),
      costs(times.of(work, BARE), none, count),
    ),
  );
}

const reportSchema = z.looseObject({ event: z.literal('load'), ns: z.number().positive() });

/** Microseconds that each load took in each way, round by round. */
class Times {
  /** Loads for which strace said that it does without a filter. */
  readonly withoutFilter = new Set<Work>();
  readonly #place: Place;
  readonly #taken = new Map<string, number[]>();

  constructor(place: Place) {
    this.#place = place;
  }

  async take(work: Work, way: Way, round: number): Promise<void> {
    const { programs, sizes } = this.#place;
    const words = [programs.load, work, String(sizes.counts[work])];
    const said = await this.#place.run([...prefixOf(this.#place, way), ...words], round);
    if (way.kind === 'strace' && saysNoFilter(said)) this.withoutFilter.add(work);
    const key = `${work} ${wayKey(way)}`;
    const { ns } = reportSchema.parse(said.report);
    this.#taken.set(key, [...(this.#taken.get(key) ?? []), ns / NS_IN_US]);
  }

  of(work: Work, way: Way): readonly number[] {
    return this.#taken.get(`${work} ${wayKey(way)}`) ?? [];
  }
}

/** strace goes on with plain ptrace where it gets no filter, and says so on standard error. */
export const saysNoFilter = ({ words }: Pick<Said, 'words'>): boolean => /strace: .*seccomp/.test(words);
