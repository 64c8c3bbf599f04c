import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packages } from '../../setup/needs.mjs';
import { ARCHES } from '../lib/ids.ts';
import { machines } from '../lib/machines/index.ts';
import { projectRoot } from '../lib/project.ts';
import { loadCatalogue } from '../provision/index.ts';
import { knownKernels } from './target.ts';

/** docs/add-an-arch.md is the list of these places for a reader. */
describe.each(ARCHES)('%s', (arch) => {
  const machine = machines[arch];

  it('has a machine of its own name, and its tools in the list of packages', () => {
    expect(machine.arch).toBe(arch);
    const programs = packages.arches[arch]?.map(({ program }) => program);
    expect(programs).toEqual(expect.arrayContaining([machine.qemu.binary, `${machine.gnuTriple}-gcc`]));
  });

  it('has a table in the warden that bears its name', () => {
    const file = path.join(projectRoot, 'native/warden/arch', `${arch}.c`);
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`(\\.name = |#define MIPS_NAME +)"${arch}"`));
  });

  it('has a configuration fragment and a kernel', async () => {
    expect(existsSync(path.join(projectRoot, 'kernels/config/arch', `${arch}.config`))).toBe(true);
    const kernels = knownKernels(await loadCatalogue());
    expect(kernels.filter(({ arches }) => arches.includes(arch))).not.toEqual([]);
  });
});
