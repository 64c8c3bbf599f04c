import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { LabError } from '../lib/errors.ts';
import type { GuestEvent } from '../lib/events.ts';
import { temporaryFolder } from '../lib/temporary.ts';
import { type SerialLine, SerialReader } from './frames.ts';
import { GdbRemote } from './gdb-remote.ts';
import { postJob } from './mailbox.ts';
import type { Left } from './schedule.ts';
import { openStub } from './stub.ts';
import { listen } from './transcript.ts';
import { reach, type Vm } from './vm.ts';

/** Of the program, at one address (native/agent/shell.c). */
const PIECE = 4096;
/** A busy host may be slow; the guest has nothing else to do. */
const LIMIT_SECONDS = 300;

/** Where a person types and reads. */
export interface Typing {
  input: Readable & { setRawMode?: (raw: boolean) => unknown };
  output: NodeJS.WritableStream;
}

/**
 * Gives the console of a guest whose job is over to a person, until their shell ends. Its program, a static busybox, is written
 * into the guest's memory now: until here the guest was any other of its checkpoint.
 */
export async function shellAt(
  left: Left,
  busybox: string,
  typing: Typing,
  signal: AbortSignal,
): Promise<void> {
  const nextSequence = await bringIn(left, await readFile(busybox), signal);
  await talk(left.vm, nextSequence, typing, signal);
}

/** The program in the guest's memory, and the guest going on; the number of its next frame. */
async function bringIn({ vm, mailbox, nextSequence }: Left, program: Buffer, signal: AbortSignal) {
  const dir = await temporaryFolder();
  try {
    const socket = path.join(dir, 'gdb');
    await openStub(vm.qmp, socket);
    // A debugger that comes stops the guest.
    await using gdb = await GdbRemote.open(await reach(socket, vm.exited, signal));
    await postJob(gdb, mailbox, JSON.stringify({ v: 1, shell: program.length }));
    const pieces: bigint[] = [];
    const heard = await listen(vm, {
      ...{ signal, nextSequence, limitSeconds: LIMIT_SECONDS },
      until: (event) => isEnd(event) || (takeRoom(event, pieces) && isRoom(pieces, program)),
      release: async () => void (await vm.qmp.call('cont')),
    });
    if (heard.end.kind !== 'finished') throw noShell(heard.end.detail);
    if (!isRoom(pieces, program)) throw noShell(JSON.stringify(heard.events.at(-2)));
    await vm.qmp.call('stop');
    await writePieces(gdb, program, pieces);
    await vm.qmp.call('cont');
    return heard.nextSequence;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const noShell = (why: string): LabError =>
  new LabError(`there is no shell in the guest: ${why}`, { code: 'guest-shell' });

const isEnd = ({ from, event }: GuestEvent): boolean => from === 'agent' && event === 'end';

const isRoom = (pieces: readonly bigint[], program: Buffer): boolean =>
  pieces.length * PIECE >= program.length;

function takeRoom(event: GuestEvent, pieces: bigint[]): boolean {
  if (event.from !== 'agent' || event.event !== 'room') return false;
  pieces.push(...event.pieces.split(' ').map((address) => BigInt(`0x${address}`)));
  return true;
}

async function writePieces(gdb: GdbRemote, program: Buffer, pieces: readonly bigint[]): Promise<void> {
  await gdb.usePhysicalAddresses();
  for (const [index, address] of pieces.entries()) {
    await gdb.write(address, program.subarray(index * PIECE, (index + 1) * PIECE));
  }
}

const textOf = (line: Exclude<SerialLine, { kind: 'console' }>): string =>
  line.kind === 'event' ? line.payload : line.text;

const FRAME = '\n~PF1 ';

/** Until the agent has the console back and says so. */
async function talk(vm: Vm, next: number, { input, output }: Typing, signal: AbortSignal): Promise<void> {
  const reader = new SerialReader(next);
  const typed = new AbortController();
  const over = new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: typed.signal });
    input.on('data', (bytes: Buffer) => void vm.input?.write(bytes).catch(reject));
    vm.serial.listen((bytes) => {
      const frame = bytes.indexOf(FRAME);
      output.write(frame < 0 ? bytes : bytes.subarray(0, frame + 1));
      for (const line of reader.feed(bytes)) {
        if (line.kind === 'event' && line.event.event === 'error') reject(noShell(line.payload));
        // A kernel that talks may have cut into it.
        if (line.kind !== 'console' && /"event":"end"/.test(textOf(line))) resolve();
      }
    });
    vm.exited.then(() => resolve());
  });
  input.setRawMode?.(true);
  try {
    await over;
  } finally {
    input.setRawMode?.(false);
    input.destroy();
    vm.serial.unlisten();
    typed.abort();
  }
}
