import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../lib/errors.ts';
import { ownName } from '../lib/owner.ts';
import { JOURNAL, Journal } from './journal.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'pf-test-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const text = () => readFile(path.join(dir, JOURNAL), 'utf8');
const entry = (target: string) => ({ kind: 'target', target, payload: 'x' }) as const;
const line = (target: string) => `${JSON.stringify(entry(target))}\n`;

async function append(target: string): Promise<void> {
  await using journal = await Journal.open(dir);
  await journal.append(entry(target));
}

test('goes on behind what is there', async () => {
  await append('a');
  await append('b');
  expect(await text()).toBe(line('a') + line('b'));
  expect(await readdir(dir)).toEqual([JOURNAL]);
});

test.each([
  ['a short one', '{"kind":"ce'],
  ['a long one', `{"kind":"cell","x":"${'x'.repeat(200_000)}`],
])('takes away a line that was cut short: %s', async (_, half) => {
  await append('a');
  await appendFile(path.join(dir, JOURNAL), half);
  await append('b');
  expect(await text()).toBe(line('a') + line('b'));
});

test('of one that is nothing but half a line nothing is left', async () => {
  await writeFile(path.join(dir, JOURNAL), '{"kind"');
  await append('b');
  expect(await text()).toBe(line('b'));
});

test('two cannot be at work on one run', async () => {
  const other = `1.${(await readFile('/proc/1/stat', 'utf8')).split(') ')[1]?.split(' ')[19]}`;
  await writeFile(path.join(dir, `running-${other}`), '');
  await expect(Journal.open(dir)).rejects.toMatchObject({
    constructor: UserError,
    message: expect.stringMatching(/process 1 is at work/),
  });
  expect((await readdir(dir)).sort()).toEqual([`running-${other}`]);
});

test('one that was killed does not stand in the way', async () => {
  await writeFile(path.join(dir, `running-${ownName()}9`), '');
  await append('a');
  expect(await readdir(dir)).toEqual([JOURNAL]);
});
