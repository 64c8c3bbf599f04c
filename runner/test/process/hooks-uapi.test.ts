import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { constantsOf } from '../../src/lib/filter/metadata/headers.ts';
import { VIEW } from '../../src/lib/filter/typed.ts';
import {
  COMM_BYTES,
  HOOK_BYTES,
  HOOK_OFFSETS,
  PARAMETER_BYTES,
  PARAMETER_OFFSETS,
  UAPI,
  VIEW_BYTES,
} from '../../src/lib/hooks/uapi.ts';
import { ARCHES } from '../../src/lib/ids.ts';
import { machines } from '../../src/lib/machines/index.ts';
import { projectRoot } from '../../src/lib/project.ts';
import { hasCompiler } from './compilers.ts';

/** Those of the header that hooks are written with: all of these kinds, whatever the runner knows. */
const FAMILIES = /^PF_(?:RECORD|SCOPED|SCOPE_\w+|DO_\w+|PARAMETER\w*|PLACES|PROGRAM_MOST|VERSION)$/;

const HEADER = { folder: path.join(projectRoot, 'native/hooks'), header: 'photofinish_uapi.h' };

/** All that the runner believes, as expressions of C. */
function beliefs(): Record<string, number> {
  const offsets = (struct: string, members: Readonly<Record<string, number>>): [string, number][] =>
    Object.entries(members).map(([name, at]) => [`(__builtin_offsetof(struct ${struct}, ${name}))`, at]);
  const sizes = { pf_hook: HOOK_BYTES, pf_parameter: PARAMETER_BYTES, pf_view: VIEW_BYTES };
  return {
    ...UAPI,
    ...Object.fromEntries([
      ...Object.entries(sizes).map(([name, size]): [string, number] => [`(sizeof(struct ${name}))`, size]),
      ...offsets('pf_hook', HOOK_OFFSETS),
      ...offsets('pf_parameter', PARAMETER_OFFSETS),
      ...Object.entries(VIEW).flatMap(([name, { offset, bits, signed }]): [string, number][] => {
        const member = `((struct pf_view *)0)->${name}`;
        return [
          [`(__builtin_offsetof(struct pf_view, ${name}))`, offset],
          [`(sizeof(${member}))`, bits / 8],
          [`((__typeof__(${member}))-1 < 0)`, Number(signed)],
        ];
      }),
      ['(sizeof(((struct pf_hook *)0)->comm))', COMM_BYTES],
    ]),
  };
}

test.each(ARCHES.filter(hasCompiler))(
  'what the runner knows of hooks is what the header says to the compiler of %s',
  async (arch) => {
    const wanted = beliefs();
    const found = await constantsOf(`${machines[arch].gnuTriple}-gcc`, HEADER, Object.keys(wanted));
    expect(Object.fromEntries(found)).toEqual(wanted);
  },
);

test('no flag and no deed of the header is unknown to the runner', () => {
  const header = readFileSync(path.join(HEADER.folder, HEADER.header), 'utf8');
  const names = [...header.matchAll(/^\s*(?:#define )?(PF_[A-Z_]+)\b/gm)].flatMap(([, name]) => name ?? []);
  const known = new Set(Object.keys(UAPI));
  expect(names.filter((name) => FAMILIES.test(name) && !known.has(name))).toEqual([]);
});
