import { once } from 'node:events';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { LabError } from '../lib/errors.ts';

/** QEMU's machine protocol: one JSON object a line, answers in order, events in between. */

const messageSchema = z.union([
  z.object({ QMP: z.unknown() }),
  z.object({ return: z.unknown() }),
  z.object({ error: z.object({ class: z.string(), desc: z.string() }) }),
  z.object({ event: z.string(), data: z.record(z.string(), z.unknown()).default({}) }),
]);

export interface QmpEvent {
  event: string;
  data: Record<string, unknown>;
}

interface Waiting {
  command: string;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

export class Qmp {
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  readonly #listeners = new Set<(event: QmpEvent) => void>();
  #rest = '';
  #closed: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#feed(text));
    const end = () => this.#close(new LabError('QEMU closed its control socket', { code: 'qemu-gone' }));
    socket.on('close', end);
    socket.on('error', end);
  }

  /** Speaks the greeting on a fresh connection. */
  static async open(socket: Socket): Promise<Qmp> {
    const qmp = new Qmp(socket);
    await qmp.call('qmp_capabilities');
    return qmp;
  }

  call(command: string, args?: Record<string, unknown>): Promise<unknown> {
    if (this.#closed) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, resolve, reject });
      this.#socket.write(`${JSON.stringify({ execute: command, ...(args ? { arguments: args } : {}) })}\n`);
    });
  }

  /** The first event that `wanted` accepts. Ask before the command that causes it is sent. */
  async event(wanted: (event: QmpEvent) => boolean, signal: AbortSignal): Promise<QmpEvent> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        this.#listeners.delete(listener);
        this.#socket.off('close', gone);
        signal.removeEventListener('abort', aborted);
        act();
      };
      const listener = (event: QmpEvent) => {
        if (wanted(event)) settle(() => resolve(event));
      };
      const gone = () =>
        settle(() => reject(new LabError('QEMU ended while it was being waited for', { code: 'qemu-gone' })));
      const aborted = () => settle(() => reject(signal.reason));
      this.#listeners.add(listener);
      this.#socket.once('close', gone);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = once(this.#socket, 'close');
    this.#socket.destroy();
    await closed;
  }

  #feed(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') this.#take(line);
  }

  #take(line: string): void {
    const parsed = messageSchema.safeParse(JSON.parse(line));
    if (!parsed.success) {
      this.#close(new LabError('QEMU said what is not QMP', { code: 'qmp-protocol' }));
      return;
    }
    const message = parsed.data;
    if ('event' in message) {
      for (const listener of [...this.#listeners]) listener(message);
      return;
    }
    if ('QMP' in message) return;
    const waiting = this.#waiting.shift();
    if (!waiting) return;
    if ('return' in message) waiting.resolve(message.return);
    else
      waiting.reject(
        new LabError(`QEMU refused ${waiting.command}: ${message.error.desc}`, { code: 'qmp-error' }),
      );
  }

  #close(error: Error): void {
    this.#closed ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#closed);
    this.#socket.destroy();
  }
}
