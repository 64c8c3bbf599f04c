import path from 'node:path';
import { expect, test } from 'vitest';
import { folder } from '../../plan/testing.ts';
import { result, resultsOfRun } from '../testing.ts';
import { readResults } from './read-results.ts';

const results = resultsOfRun([result()], { seed: '18446744073709551615' });
const text = JSON.stringify(results);

test('a run is named by its folder or by its file, from where it was typed', async () => {
  await using place = await folder();
  await place.write('run/results.json', text);
  expect(await readResults('run', place.dir)).toEqual(results);
  expect(await readResults('results.json', path.join(place.dir, 'run'))).toEqual(results);
  expect(await readResults(path.join(place.dir, 'run'), '/')).toEqual(results);
});

test.each([
  ['none', '', 'no-results', /^none: there is no such file$/],
  ['.', '', 'no-results', /^\.: there is no results\.json in it$/],
  ['x.json', text.slice(0, -1), 'bad-results', /^x\.json: not JSON, or not all of it/],
  ['x.json', '[]', 'bad-results', /^x\.json: no results of this version: the whole of it: /],
  ['x.json', text.replace('"held"', '"perhaps"'), 'bad-results', /^x\.json: .*: cells\.0\.verdict: /],
])('%s that is no run is refused with its name and its place', async (name, holds, code, message) => {
  await using place = await folder();
  if (holds !== '') await place.write(name, holds);
  await expect(readResults(name, place.dir)).rejects.toMatchObject({
    ...{ code, message: expect.stringMatching(message) },
  });
});
