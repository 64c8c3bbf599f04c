import { expect, test } from 'vitest';
import { fileHref } from './file-href.ts';

test.each([
  ['cells/argv/a@arm+4.10.log', './cells/argv/a%40arm%2B4.10.log'],
  ['javascript:alert(1)', './javascript%3Aalert(1)'],
  ['a b#c?d', './a%20b%23c%3Fd'],
  ['a\\..\\b', './a%5C..%5Cb'],
  ['/etc/passwd', null],
  ['//elsewhere/x', null],
  ['../x', null],
  ['a/../../x', null],
  ['', null],
  ['\ud800', null],
])('%j leads to %j', (file, expected) => {
  expect(fileHref(file)).toBe(expected);
});
