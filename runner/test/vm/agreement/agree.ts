import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { metadataOf } from '../../../src/lib/filter/metadata/index.ts';
import type { Arch } from '../../../src/lib/ids.ts';
import type { KernelSources } from '../../../src/provision/index.ts';
import { programsHeader, randomPrograms } from './programs.ts';
import { runAlone } from './run-alone.ts';

const SOURCE = fileURLToPath(new URL('attack.c', import.meta.url));

/** Has a kernel run random programs; fails unless it agrees with the interpreter and with the expressions. */
export async function agreesOn(
  arch: Arch,
  kernel: string,
  kernelSources: KernelSources = new Map(),
): Promise<void> {
  const programs = randomPrograms(arch);
  const { events } = await runAlone(
    { arch, kernel, kernelSources },
    { source: SOURCE, header: programsHeader(programs, metadataOf(arch).bits) },
  );
  const returned = events.filter((event) => event.from === 'attack' && event.event === 'returned');
  expect(returned).toHaveLength(programs.length);
  let ruled = 0;
  for (const [at, { calls, rules }] of programs.entries()) {
    const event = returned[at];
    const told = event && 'results' in event ? String(event.results) : '';
    const what = `program ${at}: ${rules.join('; ')}`;
    expect({ ...event }, what).toMatchObject({ n: at, signal: 0, status: 0 });
    expect(told.split(' ').map(Number), what).toEqual(calls.map(({ wanted }) => wanted));
    expect(
      calls.map(({ interpreted }) => interpreted),
      what,
    ).toEqual(calls.map(({ wanted }) => wanted));
    ruled += calls.filter(({ wanted }) => wanted >= 2000).length;
  }
  // Programs of which no rule ever held would agree about nothing.
  expect(ruled).toBeGreaterThan(programs.length);
}
