import { expect, test } from 'vitest';
import { AUDIT, STRUCTS } from '../../src/lib/filter/metadata/generate.ts';
import { readHeaders } from '../../src/lib/filter/metadata/headers.ts';
import { readTable } from '../../src/lib/filter/metadata/index.ts';
import { ARCHES } from '../../src/lib/ids.ts';
import { machines } from '../../src/lib/machines/index.ts';
import { hasCompiler } from './compilers.ts';

/** The tables say what the headers that are installed here say; headers of another age may have more or fewer names. */
test.each(ARCHES.filter(hasCompiler))(
  'numbers, constants and layouts of %s are those of its headers',
  async (arch) => {
    const compiler = `${machines[arch].gnuTriple}-gcc`;
    const table = readTable(arch);
    const facts = await readHeaders(compiler, AUDIT[arch], STRUCTS);
    const numbers = [...facts.numbers].filter(([name]) => Object.hasOwn(table.syscalls, name));
    expect(numbers.length).toBeGreaterThan(250);
    for (const [name, number] of numbers) expect(table.syscalls[name]?.[0], name).toBe(number);
    const constants = [...facts.constants].filter(([name]) => Object.hasOwn(table.constants, name));
    expect(constants.length).toBeGreaterThan(1000);
    const wrong = constants.filter(([name, value]) => table.constants[name] !== value);
    // How many there are grows with the headers' age.
    expect(wrong.filter(([name]) => !/_(?:LAST|MAX|NUM|COUNT)|LAST_|_ALL|MASK/.test(name))).toEqual([]);
    expect(table.audit).toBe(facts.audit);
    for (const { name, members } of STRUCTS) {
      for (const member of members) {
        expect(table.structs[name]?.members[member]?.slice(0, 2), `${name}.${member}`).toEqual([
          facts.sizes.get(`${name}.${member}`),
          facts.sizes.get(`${name}.${member}.size`),
        ]);
      }
    }
  },
);
