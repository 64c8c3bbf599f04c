import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK = 64 * 1024;
/**
 * QEMU writes each byte by itself. To be woken for each cost more than a tenth of what a short schedule costs; to look
 * this often costs nothing that can be seen.
 */
const LOOK_MS = 2;

/**
 * Follows the file that a guest's serial port is written to.
 *
 * A file, because it always takes what QEMU writes: behind a pipe or a socket that was not emptied in time the
 * emulated UART waits for the host, and a sealed run would depend on how busy the host is.
 */
export class SerialTail implements Disposable {
  readonly #file: number;
  readonly #buffer = Buffer.alloc(CHUNK);
  #listener: ((bytes: Buffer) => void) | undefined;
  #looks: NodeJS.Timeout | undefined;
  #position = 0;

  /** Creates the file, empty, and follows it from its start. */
  constructor(path: string) {
    this.#file = openSync(path, 'a+');
  }

  /** Hands what was not read yet, and everything from now on, to one listener. */
  listen(listener: (bytes: Buffer) => void): void {
    this.unlisten();
    this.#listener = listener;
    this.#looks = setInterval(() => this.pump(), LOOK_MS);
    this.pump();
  }

  unlisten(): void {
    clearInterval(this.#looks);
    this.#listener = undefined;
  }

  /** Reads what there is. The bytes are in the page cache, so that nothing is waited for. */
  pump(): void {
    // The listener may leave while it is told something: then the rest is the next one's.
    while (this.#listener) {
      const bytes = readSync(this.#file, this.#buffer, 0, CHUNK, this.#position);
      if (bytes === 0) return;
      this.#position += bytes;
      this.#listener(Buffer.from(this.#buffer.subarray(0, bytes)));
    }
  }

  [Symbol.dispose](): void {
    this.unlisten();
    closeSync(this.#file);
  }
}
