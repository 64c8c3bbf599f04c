import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Arch } from '../../../src/lib/ids.ts';
import type { KernelSources } from '../../../src/provision/index.ts';
import { runAlone } from '../agreement/run-alone.ts';
import { type Program, programsHeader, randomPrograms } from './programs.ts';

export const CONDITIONS_SOURCE = fileURLToPath(new URL('attack.c', import.meta.url));

/** Has the module's interpreter run random conditions on an arch; fails unless it says what they say. */
export async function conditionsAgreeOn(
  arch: Arch,
  kernel: string,
  kernelSources: KernelSources = new Map(),
): Promise<void> {
  const programs = randomPrograms(arch);
  const { events } = await runAlone(
    { arch, kernel, kernelSources },
    { source: CONDITIONS_SOURCE, header: programsHeader(programs) },
  );
  const told = events.flatMap((event) =>
    event.from === 'attack' && event.event === 'ran' && 'results' in event ? [String(event.results)] : [],
  );
  expectAgreement(programs, told);
}

export function expectAgreement(programs: readonly Program[], told: readonly string[]): void {
  expect(told).toHaveLength(programs.length);
  for (const [at, { condition, wanted, interpreted }] of programs.entries()) {
    expect({ interpreted, told: told[at] }, condition).toEqual({ interpreted: wanted, told: wanted });
  }
  // Conditions that never or always hold would agree about nothing.
  const held = programs.map(({ wanted }) => wanted.replaceAll('0', '').length);
  expect(held.filter((count) => count > 0).length).toBeGreaterThan(programs.length / 2);
}
