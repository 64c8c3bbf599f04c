import { UserError } from '../lib/errors.ts';
import type { CellResult, RunInfo, RunOutcome, Shard } from '../lib/verdict.ts';
import type { Results } from './results-schema.ts';

/** Several runs as one: parts of a plan (`--shard`), or one plan under several backends. */

export interface Part {
  /** What was typed. */
  name: string;
  results: Results;
}

/** `run` is of the whole; its time is the sum of theirs. */
export function mergeRuns(
  parts: readonly Part[],
  { id, command }: Pick<RunInfo, 'id' | 'command'>,
): RunOutcome {
  const [first] = parts;
  if (!first) throw new UserError('nothing to merge', { code: 'bad-merge' });
  for (const part of parts) checkAlike(first, part);
  checkTargets(parts);
  // Before their cells, of which shards of two plans may well have some in common.
  checkPlans(parts);
  checkCells(parts);
  const runs = parts.map(({ results }) => results.run);
  const started = runs.map(({ startedAt }) => startedAt).sort();
  const { seed, profile } = first.results.run;
  return {
    run: {
      ...{ id, command, startedAt: started[0] ?? first.results.run.startedAt, seed: String(seed), profile },
      seconds: runs.reduce((sum, { seconds }) => sum + seconds, 0),
      rerun: commonFlags(runs.map(({ rerun }) => rerun)),
      host: {
        qemu: [...new Set(runs.map(({ host }) => host.qemu))].join(', '),
        cores: Math.max(...runs.map(({ host }) => host.cores)),
      },
    },
    cells: inPlannedOrder(parts),
    scenarios: Object.assign({}, ...parts.map(({ results }) => results.scenarios)),
    targets: Object.assign({}, ...parts.map(({ results }) => results.targets)),
  };
}

function checkAlike(first: Part, { name, results }: Part): void {
  for (const what of ['seed', 'profile'] as const) {
    const [was, is] = [String(first.results.run[what]), String(results.run[what])];
    if (was !== is) throw notOfOne(name, first.name, { what, was, is });
  }
}

/** Not with the first part alone, which need not have all targets. */
function checkTargets(parts: readonly Part[]): void {
  const known = new Map<string, { name: string; inputs: string }>();
  for (const { name, results } of parts) {
    for (const [target, { inputs }] of Object.entries(results.targets)) {
      const other = known.get(target) ?? { name, inputs };
      const differing = { what: `${target} (what it booted with)`, was: other.inputs, is: inputs };
      if (other.inputs !== inputs) throw notOfOne(name, other.name, differing);
      known.set(target, other);
    }
  }
}

function notOfOne(
  name: string,
  other: string,
  { what, was, is }: { what: string; was: string; is: string },
): UserError {
  return new UserError(`${name} is no part of the same: its ${what} is ${is}, that of ${other} ${was}`, {
    code: 'bad-merge',
    hint: 'merge runs of one state of the tree with the same profile and seed; `report diff` compares others',
  });
}

interface ShardPart {
  name: string;
  shard: Shard;
  /** How many cells. */
  has: number;
}

function checkPlans(parts: readonly Part[]): void {
  const shards = parts.flatMap(({ name, results: { run, cells } }): ShardPart[] =>
    run.shard ? [{ name, shard: run.shard, has: cells.length }] : [],
  );
  const [first, ...others] = shards;
  if (!first) return;
  for (const other of others) checkOnePlan(first, other);
  for (const one of shards) checkWhole(one);
}

function checkOnePlan(first: ShardPart, other: ShardPart): void {
  if (first.shard.plan === other.shard.plan && first.shard.cells === other.shard.cells) return;
  const silent = [first, other].find(({ shard }) => shard.plan === undefined);
  if (silent) {
    const telling = silent === first ? other : first;
    throw new UserError(`${silent.name} does not say which plan it is a shard of, and ${telling.name} does`, {
      code: 'bad-merge',
      hint: 'an older version of the lab has run it: run it again',
    });
  }
  const [was, is] = [first, other].map(({ shard }) => `${shard.plan} (${shard.cells} cells)`);
  throw new UserError(`${other.name} is a shard of another plan: ${is}, that of ${first.name} ${was}`, {
    code: 'bad-merge',
    hint: 'run all shards on one state of the tree, with the same flags but for --shard',
  });
}

/** A shard has every n-th cell, from its own number on. */
function checkWhole({ name, shard: { index, count, cells }, has }: ShardPart): void {
  if (cells === undefined) return;
  const wanted = Math.ceil((cells - index + 1) / count);
  if (has === wanted) return;
  const why = `shard ${index}/${count} of a plan of ${cells} has ${wanted}`;
  throw new UserError(`${name} has ${has} cells, and ${why}`, {
    code: 'bad-merge',
    hint: 'was it copied whole? Else run it again',
  });
}

function checkCells(parts: readonly Part[]): void {
  const owner = new Map<string, string>();
  for (const { name, results } of parts) {
    for (const { id } of results.cells) {
      const other = owner.get(id);
      if (other !== undefined) {
        throw new UserError(`${other} and ${name} both have ${id}`, {
          code: 'bad-merge',
          hint: 'name each part once; runs of the same cells are compared with `report diff`',
        });
      }
      owner.set(id, name);
    }
  }
}

/** A shard has every n-th cell of its plan, so that is how they are put together again; others stand one behind the other. */
function inPlannedOrder(parts: readonly Part[]): CellResult[] {
  const shards = parts.filter(({ results }) => results.run.shard);
  if (shards.length === 0) return parts.flatMap(({ results }) => results.cells);
  const counts = new Set(parts.map(({ results }) => results.run.shard?.count));
  const [count] = counts;
  const byIndex = new Map(parts.map((part) => [part.results.run.shard?.index, part]));
  const wanted = Array.from({ length: count ?? 0 }, (_, at) => at + 1);
  const missing = wanted.filter((index) => !byIndex.has(index));
  if (counts.size !== 1 || missing.length > 0 || byIndex.size !== parts.length) {
    const has = parts.map(({ results: { run } }) => `${run.shard?.index ?? '-'}/${run.shard?.count ?? '-'}`);
    throw new UserError(`these are not all the shards of one plan: ${has.join(', ')}`, {
      code: 'bad-merge',
      hint: 'each of 1/n to n/n is needed once',
    });
  }
  const columns = wanted.map((index) => byIndex.get(index)?.results.cells ?? []);
  const longest = Math.max(...columns.map(({ length }) => length));
  return Array.from({ length: longest }, (_, row) => columns.flatMap((column) => column[row] ?? [])).flat();
}

/** Flags that all of them have: what a part has of its own, such as its backend, is in the ids of its cells. */
function commonFlags(all: readonly (readonly string[])[]): string[] {
  const pairs = (words: readonly string[]): string[] =>
    words.flatMap((word, at) => (at % 2 === 0 ? [`${word}\0${words[at + 1] ?? ''}`] : []));
  const [first = [], ...others] = all.map(pairs);
  return first
    .filter((pair) => others.every((other) => other.includes(pair)))
    .flatMap((pair) => pair.split('\0'));
}
