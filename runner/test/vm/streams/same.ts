import { fileURLToPath } from 'node:url';
import { expect, type TestContext } from 'vitest';
import type { GuestEvent } from '../../../src/lib/events.ts';
import { type Arch, kernelIdSchema } from '../../../src/lib/ids.ts';
import { type KernelSources, loadCatalogue } from '../../../src/provision/index.ts';
import { runAlone } from '../agreement/run-alone.ts';
import { optionsHere, skipUnlessReady } from '../here.ts';
import { compareStreams } from './compare.ts';
import { differencesBetween } from './differences.ts';
import { SOMETIMES, type Sometimes, type Streams, sometimesIn, streamsOf, watchOf } from './streams.ts';
import { missingIn } from './whole.ts';

const SOURCE = fileURLToPath(new URL('attack.c', import.meta.url));
/** Fewer lines would mean that the work was not done, or not told. */
const LEAST_LINES = 300;

/** Fails unless the same work is told alike by both kernels, but where a documented difference says why; and if one of those does not show. */
export async function tellsTheSame(
  arch: Arch,
  [old, recent]: readonly [string, string],
  context: TestContext,
): Promise<void> {
  const catalogue = await loadCatalogue();
  const options = await optionsHere(catalogue);
  for (const kernel of [old, recent].map((id) => kernelIdSchema.parse(id))) {
    if (catalogue.get(kernel)?.kind !== 'source') continue;
    await skipUnlessReady({ arch, kernel }, catalogue, options, context);
  }
  const { kernelSources = new Map() } = options;
  const [first, second] = [await toldBy(arch, old, kernelSources), await toldBy(arch, recent, kernelSources)];
  const [before, since] = [wholeStreamsOf(first, arch), wholeStreamsOf(second, arch)];
  const known = differencesBetween(arch, releaseOf(old), releaseOf(recent));
  const { unexplained, used } = compareStreams(before, since, known);
  const stale = known.filter((one) => !used.has(one)).map(({ what }) => what);
  expect({ unexplained, stale }).toEqual({ unexplained: [], stale: [] });
}

/** Fails unless all of the work is told by this kernel, whatever another would tell. */
export async function tellsAll(arch: Arch, kernel: string): Promise<void> {
  wholeStreamsOf(await toldBy(arch, kernel, new Map()), arch);
}

function wholeStreamsOf({ events, kinds }: Told, arch: Arch): Streams {
  // All kernels of the lab have all kinds; one that lacked some would have nothing of them looked at.
  expect(kinds).toEqual(SOMETIMES);
  const streams = streamsOf(events, arch);
  expect([...streams.values()].flat().length).toBeGreaterThan(LEAST_LINES);
  expect(missingIn(streams, kinds)).toEqual([]);
  return streams;
}

const releaseOf = (kernel: string): string => kernel.replace(/^[a-z]+-/, '');

interface Told {
  events: readonly GuestEvent[];
  kinds: readonly Sometimes[];
}

async function toldBy(arch: Arch, kernel: string, kernelSources: KernelSources): Promise<Told> {
  const { events, features } = await runAlone(
    { arch, kernel, kernelSources },
    { source: SOURCE, watch: watchOf },
  );
  const exit = events.find((event) => event.from === 'agent' && event.event === 'exit');
  expect(exit).toMatchObject({ status: 0 });
  return { events, kinds: sometimesIn(features) };
}
