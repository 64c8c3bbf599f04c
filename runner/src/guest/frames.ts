import { crc32 } from 'node:zlib';
import { eventSchemas, type GuestEvent, SOURCES, type Source } from '../lib/events.ts';

/** What one line of the serial port turned out to be. */
export type SerialLine =
  | { kind: 'event'; event: GuestEvent; payload: string }
  | { kind: 'console'; text: string }
  /** A frame that is damaged, out of order, or no event of ours: the evidence is not whole. */
  | { kind: 'damaged'; reason: string; text: string };

/** Longer console lines are cut: a guest may print what it likes. */
const LINE_LIMIT = 16 * 1024;
const FRAME = /^~PF1 (\d+) ([a-z]+) (\d+) ([0-9a-f]{8}) (.*)$/;

const isSource = (name: string): name is Source => (SOURCES as readonly string[]).includes(name);

/**
 * Takes the serial port's bytes apart, in whatever pieces they come. One byte is one character (latin-1):
 * frames are ASCII, and console text is nobody's to interpret.
 */
export class SerialReader {
  #rest = '';
  #next: number | undefined;

  /** `next` is the sequence number that the first frame must have; a fork goes on where its checkpoint stopped. */
  constructor(next?: number) {
    this.#next = next;
  }

  get nextSequence(): number {
    return this.#next ?? 0;
  }

  feed(bytes: Buffer): SerialLine[] {
    const lines = (this.#rest + bytes.toString('latin1')).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, LINE_LIMIT);
    return lines.filter((line) => line.trim() !== '').map((line) => this.#read(line.replace(/\r$/, '')));
  }

  #read(line: string): SerialLine {
    const match = FRAME.exec(line);
    if (!match) {
      // A kernel message can cut into a frame; what is left of it must not pass for console text. A program may
      // print what it likes: the agent puts that behind a bar.
      if (line.includes('~PF1 ') && !line.startsWith('| '))
        return { kind: 'damaged', reason: 'a frame was cut', text: line };
      return { kind: 'console', text: line.slice(0, LINE_LIMIT) };
    }
    const [, seq = '', from = '', bytes = '', crc = '', payload = ''] = match;
    const wrong = this.#whatIsWrong(Number(seq), Number(bytes), crc, payload);
    if (wrong) return { kind: 'damaged', reason: wrong, text: line };
    if (!isSource(from)) return { kind: 'damaged', reason: `no source is named ${from}`, text: line };
    return readEvent(from, payload, line);
  }

  #whatIsWrong(seq: number, bytes: number, crc: string, payload: string): string | undefined {
    if (payload.length !== bytes) return `a frame of ${payload.length} bytes says it has ${bytes}`;
    if (crc32(payload) !== Number.parseInt(crc, 16)) return 'the checksum of a frame is wrong';
    const expected = this.#next ?? seq;
    this.#next = seq + 1;
    return seq === expected ? undefined : `frame ${seq} came where ${expected} was due`;
  }
}

function readEvent(from: Source, payload: string, line: string): SerialLine {
  let json: unknown;
  try {
    json = JSON.parse(payload);
  } catch {
    return { kind: 'damaged', reason: `${from} sent what is not JSON`, text: line };
  }
  const parsed = eventSchemas[from].safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') ?? '';
    const reason = `${from} sent what is no event of its own: ${where} ${issue?.message ?? ''}`;
    return { kind: 'damaged', reason, text: line };
  }
  return { kind: 'event', event: { ...parsed.data, from } as GuestEvent, payload };
}
