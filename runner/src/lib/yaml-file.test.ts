import { expect, it } from 'vitest';
import { z } from 'zod';
import { UserError } from './errors.ts';
import { parseYaml, readYaml } from './yaml-file.ts';

const schema = z.strictObject({
  name: z.string(),
  size: z.number().default(1),
  parts: z.record(
    z.string().regex(/^[a-z]+$/, 'a lower-case word'),
    z.strictObject({ colour: z.enum(['red', 'blue']) }),
  ),
  any: z.union([z.string(), z.strictObject({ deep: z.number() })]).optional(),
});

function complaint(text: string): string {
  try {
    parseYaml('f.yaml', text, schema);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('the text was taken');
}

it('a good text is parsed and defaults are filled in', () => {
  expect(parseYaml('f.yaml', 'name: x\nparts: { a: { colour: red } }\n', schema)).toEqual({
    name: 'x',
    size: 1,
    parts: { a: { colour: 'red' } },
  });
});

it('an unknown key is pointed at and the nearest known one is offered', () => {
  expect(complaint('name: x\nparts:\n  a:\n    color: red\n')).toContain(
    'f.yaml:4:5: parts.a: unknown key `color`; did you mean `colour`?',
  );
  expect(complaint('name: x\nparts: {}\nelephant: 1\n')).toBe(
    'f.yaml:3:1: unknown key `elephant`; expected one of name, size, parts, any',
  );
});

it('a wrong value is pointed at, with what was expected', () => {
  expect(complaint('name: x\nparts:\n  a: { colour: green }\n')).toMatch(
    /^f\.yaml:3:16: parts\.a\.colour: .*"red"\|"blue"/,
  );
  expect(complaint('name: [1]\nparts: {}\n')).toMatch(/^f\.yaml:1:7: name: .*expected string/);
});

it('a missing key is reported where its owner stands', () => {
  expect(complaint('name: x\nparts:\n  a: {}\n')).toMatch(/^f\.yaml:3:3: parts\.a: `colour` is missing/);
  expect(complaint('')).toMatch(/^f\.yaml:1:1: /);
});

it('a wrong key of a table is pointed at', () => {
  expect(complaint('name: x\nparts:\n  A1: { colour: red }\n')).toMatch(
    /^f\.yaml:3:3: parts\.A1: a lower-case word/,
  );
});

it('in a union the branch that came furthest speaks', () => {
  expect(complaint('name: x\nparts: {}\nany:\n  deep: no\n')).toMatch(
    /^f\.yaml:4:9: any\.deep: .*expected number/,
  );
});

it('bad syntax, a key given twice and an unknown alias have a place too', () => {
  expect(complaint('name: "x\nparts: {}\n')).toMatch(/^f\.yaml:\d+:\d+: /);
  expect(complaint('name: x\nname: y\nparts: {}\n')).toMatch(/^f\.yaml:2:1: .*unique/);
  expect(complaint('name: *who\nparts: {}\n')).toMatch(/^f\.yaml:\d+:\d+: .*who/);
});

it('a file that is not there is the fault of the one who named it', async () => {
  await expect(readYaml('/nowhere/f.yaml', schema)).rejects.toMatchObject({
    code: 'no-such-file',
    exitStatus: 2,
  });
});
