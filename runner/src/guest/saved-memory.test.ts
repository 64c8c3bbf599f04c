import { expect, test } from 'vitest';
import { withoutZeroPages } from './saved-memory.ts';

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};

const number = Buffer.from([0, 0, 0, 1]);
const name = (text: string): Buffer => Buffer.from([text.length, ...Buffer.from(text)]);
const section = (type: number, ...contents: Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([type]), number, ...contents, word(0x10), Buffer.from([0x7e]), number]);

/** Records: the first of a block in each section names it. */
const zero = (offset: number, block?: string): Buffer =>
  Buffer.concat([
    word(offset | (block ? 0x02 : 0x22)),
    block ? name(block) : Buffer.alloc(0),
    Buffer.from([0]),
  ]);
const page = (offset: number, block?: string): Buffer =>
  Buffer.concat([
    word(offset | (block ? 0x08 : 0x28)),
    block ? name(block) : Buffer.alloc(0),
    Buffer.alloc(4096, 0x7e),
  ]);

const block = (text: string, length: number): Buffer =>
  Buffer.concat([name(text), word(length), word(0x4000_0000)]);
const OPENING = Buffer.from('\x03ram\0\0\0\0\0\0\0\x04', 'latin1');
const START = section(
  1,
  OPENING,
  word(0x6004),
  block('memory', 0x1000),
  block('flash', 0x3000),
  block('rom', 0x2000),
);
const DEVICES = Buffer.from([4, 0, 0, 0, 8, 0x22, 0x22]);

const saved = (...parts: Buffer[]): Buffer => Buffer.concat([Buffer.from('QEVM'), START, ...parts, DEVICES]);

test('what is zero in a block that is so from the start is left out, and nothing else is', () => {
  const state = saved(
    section(2, zero(0, 'flash'), zero(0x1000), page(0x2000), zero(0, 'rom'), zero(0x1000)),
    section(3, zero(0, 'flash'), zero(0x1000)),
  );
  const left = saved(
    section(2, zero(0, 'flash'), page(0x2000), zero(0, 'rom'), zero(0x1000)),
    section(3, zero(0, 'flash')),
  );
  expect(withoutZeroPages(state, ['flash'])).toEqual(left);
  expect(withoutZeroPages(left, ['flash'])).toEqual(left);
  expect(withoutZeroPages(state, [])).toBe(state);
});

test.each([
  ['no memory', Buffer.from('QEVM'), /begins at 0 places/],
  ['two memories', Buffer.concat([START, START]), /begins at 2 places/],
  [
    'memory without its size',
    saved(section(1, OPENING, word(0x6000))).subarray(START.length),
    /begin with its size/,
  ],
  ['a record of another kind', saved(section(2, word(0x100))), /flags 0x100/],
  ['a record of no block', saved(section(2, zero(0))), /flags 0x22/],
  [
    'a section that goes on',
    saved(section(2, Buffer.concat([word(0x10), word(0x10)]))),
    /does not end where/,
  ],
  ['another thing in parts', saved(Buffer.from([2, 0, 0, 0, 9])), /more than its memory/],
  ['half a page', Buffer.concat([START, section(2, page(0, 'flash')).subarray(0, 2000)]), /behind its end/],
])('%s is said, never guessed', (_, state, message) => {
  expect(() => withoutZeroPages(state, ['flash'])).toThrow(
    expect.objectContaining({ code: 'checkpoint-form', message: expect.stringMatching(message) }),
  );
});
