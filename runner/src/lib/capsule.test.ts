import { expect, test } from 'vitest';
import { CAPSULE, capsuleText, parseCapsule } from './capsule.ts';
import { capsule as example } from './testing.ts';

const capsule = example();

const problem = (text: string) => {
  try {
    return parseCapsule('x.capsule.json', text);
  } catch (error) {
    return error;
  }
};

test('what was written is read back', () => {
  expect(parseCapsule('x', capsuleText(capsule))).toEqual(capsule);
});

test('a capsule that was cut short is not one', () => {
  const text = capsuleText(capsule);
  for (const length of [0, 1, 100, text.length - 3]) {
    expect(problem(text.slice(0, length))).toMatchObject({ code: 'capsule-truncated', exitStatus: 2 });
  }
});

test('of another version it is said which, and what to do', () => {
  const newer = problem(JSON.stringify({ ...capsule, capsule: CAPSULE + 1 }));
  expect(newer).toMatchObject({ code: 'capsule-version', exitStatus: 2 });
  expect(newer).toMatchObject({
    message: expect.stringContaining(`version ${CAPSULE + 1}`),
    hint: expect.stringContaining('newer'),
  });
});

test.each([
  ['another file', { schema: 1 }, 'capsule'],
  [
    'a digest that is none',
    { ...capsule, expected: { ...capsule.expected, digest: 'x' } },
    'expected.digest',
  ],
  ['a job that is none', { ...capsule, job: '{"v":1}' }, 'job'],
  ['a job that is no JSON', { ...capsule, job: '{' }, 'job'],
  ['an arch that there is not', { ...capsule, arch: 'vax' }, 'arch'],
  ['what nobody knows', { ...capsule, more: 1 }, 'more'],
  ['a list', [], 'the whole of it'],
])('%s is no capsule', (_, value, where) => {
  expect(problem(JSON.stringify(value))).toMatchObject({
    ...{ code: 'capsule-wrong', exitStatus: 2 },
    message: expect.stringContaining(where),
  });
});
