import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const CHUNK = 64 * 1024;

/**
 * Follows the file that a guest's serial port is written to.
 *
 * A file, because it always takes what QEMU writes: behind a pipe or a socket that was not emptied in time the
 * emulated UART waits for the host, and a sealed run would depend on how busy the host is.
 */
export class SerialTail implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #watcher: FSWatcher;
  readonly #buffer = Buffer.alloc(CHUNK);
  #listener: ((bytes: Buffer) => void) | undefined;
  #reading: Promise<void> | undefined;
  #again = false;
  #position = 0;

  private constructor(file: FileHandle, watcher: FSWatcher) {
    this.#file = file;
    this.#watcher = watcher;
    watcher.on('change', () => void this.pump());
    watcher.on('error', () => undefined);
  }

  /** Creates the file, empty, and follows it from its start. */
  static async create(path: string): Promise<SerialTail> {
    const file = await open(path, 'a+');
    return new SerialTail(file, watch(path));
  }

  /** Hands what was not read yet, and everything from now on, to one listener. */
  listen(listener: (bytes: Buffer) => void): void {
    this.#listener = listener;
    void this.pump();
  }

  unlisten(): void {
    this.#listener = undefined;
  }

  /** Reads what there is; resolves when the end of the file was seen after the call. */
  pump(): Promise<void> {
    if (!this.#listener) return Promise.resolve();
    this.#again = true;
    this.#reading ??= this.#readToEnd().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readToEnd(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      for (;;) {
        const { bytesRead } = await this.#file.read(this.#buffer, 0, CHUNK, this.#position);
        // The listener may have left during the read: then the bytes are the next one's.
        if (bytesRead === 0 || !this.#listener) break;
        this.#position += bytesRead;
        this.#listener(Buffer.from(this.#buffer.subarray(0, bytesRead)));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener = undefined;
    this.#watcher.close();
    await this.#reading;
    await this.#file.close();
  }
}
