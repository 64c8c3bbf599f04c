import { fileURLToPath } from 'node:url';
import { expect, type TestContext } from 'vitest';
import { type Arch, kernelIdSchema } from '../../../src/lib/ids.ts';
import { type KernelSources, loadCatalogue } from '../../../src/provision/index.ts';
import { runAlone } from '../agreement/run-alone.ts';
import { optionsHere, skipUnlessReady } from '../here.ts';
import { compareStreams } from './compare.ts';
import { differencesBetween } from './differences.ts';
import { sometimesIn, streamsOf, watchOf } from './streams.ts';

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
  const kinds = first.kinds.filter((kind) => second.kinds.includes(kind));
  const [before, since] = [streamsOf(first.events, arch, kinds), streamsOf(second.events, arch, kinds)];
  for (const streams of [before, since]) {
    expect([...streams.values()].flat().length).toBeGreaterThan(LEAST_LINES);
  }
  const known = differencesBetween(arch, releaseOf(old), releaseOf(recent));
  const { unexplained, used } = compareStreams(before, since, known);
  const stale = known.filter((one) => !used.has(one)).map(({ what }) => what);
  expect({ unexplained, stale }).toEqual({ unexplained: [], stale: [] });
}

const releaseOf = (kernel: string): string => kernel.replace(/^[a-z]+-/, '');

async function toldBy(arch: Arch, kernel: string, kernelSources: KernelSources) {
  const { events, features } = await runAlone(
    { arch, kernel, kernelSources },
    { source: SOURCE, watch: watchOf },
  );
  const exit = events.find((event) => event.from === 'agent' && event.event === 'exit');
  expect(exit).toMatchObject({ status: 0 });
  return { events, kinds: sometimesIn(features) };
}
