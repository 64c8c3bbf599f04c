import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type SerialLine, SerialReader } from './frames.ts';

const END = '{"t":1,"event":"end"}';

const frame = (seq: number, payload: string, from = 'agent'): string =>
  `~PF1 ${seq} ${from} ${payload.length} ${crc32(payload).toString(16).padStart(8, '0')} ${payload}\n`;

const feed = (reader: SerialReader, text: string): SerialLine[] => reader.feed(Buffer.from(text, 'latin1'));
const kinds = (lines: SerialLine[]): string[] => lines.map(({ kind }) => kind);

describe('a serial port', () => {
  test('gives frames as events and everything else as console text', () => {
    const lines = feed(new SerialReader(), `[    0.0] Linux\r\n\n${frame(0, END)}| said by a program\n`);
    expect(kinds(lines)).toEqual(['console', 'event', 'console']);
    expect(lines[1]).toMatchObject({ event: { from: 'agent', event: 'end', t: 1 }, payload: END });
  });

  test('may come in any pieces', () => {
    const text = `console\n${frame(0, END)}${frame(1, END)}`;
    for (let cut = 0; cut <= text.length; cut++) {
      const reader = new SerialReader();
      const lines = [...feed(reader, text.slice(0, cut)), ...feed(reader, text.slice(cut))];
      expect(kinds(lines)).toEqual(['console', 'event', 'event']);
    }
  });

  test('keeps the golden bytes of a frame', () => {
    const [line] = feed(new SerialReader(), '~PF1 0 agent 21 b1295cfb {"t":1,"event":"end"}\n');
    expect(crc32(END).toString(16)).toBe('b1295cfb');
    expect(line?.kind).toBe('event');
  });

  test('never takes what a program printed for a frame', () => {
    const [line] = feed(new SerialReader(), `| ${frame(0, END)}`);
    expect(line?.kind).toBe('console');
  });

  test('has each byte above ASCII as one character', () => {
    const [line] = feed(new SerialReader(), 'a\xff\n');
    expect(line).toEqual({ kind: 'console', text: 'a\xff' });
  });
});

describe('a damaged stream is never taken for evidence', () => {
  const damagedBy = (text: string, reader = new SerialReader()): string => {
    const line = feed(reader, text).at(-1);
    return line?.kind === 'damaged' ? line.reason : `not damaged but ${line?.kind}`;
  };

  test('when one bit of a payload flipped', () => {
    expect(damagedBy(frame(0, END).replace('"t":1', '"t":3'))).toMatch(/checksum/);
  });

  test('when a payload is shorter than it says', () => {
    expect(damagedBy(frame(0, END).replace('"}', '"'))).toMatch(/bytes/);
  });

  test('when a frame is missing', () => {
    expect(damagedBy(frame(0, END) + frame(2, END))).toMatch(/frame 2 came where 1 was due/);
  });

  test('when a fork does not go on where its checkpoint stopped', () => {
    expect(damagedBy(frame(0, END), new SerialReader(1))).toMatch(/frame 0 came where 1 was due/);
  });

  test('when the kernel wrote across a frame', () => {
    expect(damagedBy(`[ 1.0] x ${frame(0, END)}`)).toMatch(/cut/);
    expect(
      damagedBy(frame(0, END).replace(' agent', '\n[ 1.0] x agent').split('\n')[0]?.concat('\n') ?? ''),
    ).toMatch(/cut/);
  });

  test('when a source is unknown, no JSON, or no event of its own', () => {
    expect(damagedBy(frame(0, END, 'kernel'))).toMatch(/no source is named kernel/);
    expect(damagedBy(frame(0, '{"t":1'))).toMatch(/not JSON/);
    expect(damagedBy(frame(0, END, 'hooks'))).toMatch(/no event of its own/);
    expect(damagedBy(frame(0, '{"t":1,"event":"end","more":1}'))).toMatch(/no event of its own/);
  });
});
