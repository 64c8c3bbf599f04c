import { once } from 'node:events';
import type { Socket } from 'node:net';
import { LabError } from '../lib/errors.ts';

/**
 * As much of gdb's remote serial protocol as writing a stopped guest's memory needs. QEMU's stub addresses
 * physical memory after `Qqemu.PhyMemMode:1` (docs/system/gdb.rst of QEMU).
 */
export class GdbRemote {
  readonly #socket: Socket;
  #rest = '';
  #waiting: { resolve: (reply: string) => void; reject: (error: Error) => void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#feed(text));
    const end = () =>
      this.#waiting?.reject(new LabError('QEMU closed its gdb socket', { code: 'qemu-gone' }));
    socket.on('close', end);
    socket.on('error', end);
  }

  /**
   * A debugger that comes makes QEMU stop the guest (gdb_chr_event() in gdbstub/system.c), at a moment of its own: a guest
   * that was told to go on before that stood still for good. The answer to a question tells that the moment is over.
   */
  static async open(socket: Socket): Promise<GdbRemote> {
    const remote = new GdbRemote(socket);
    const reply = await remote.#send('?');
    if (!/^[ST]/.test(reply)) throw stubError('why it halted', reply);
    return remote;
  }

  async usePhysicalAddresses(): Promise<void> {
    await this.#expectOk('Qqemu.PhyMemMode:1');
  }

  /** QEMU's own way again, for who comes next: it keeps the other beyond the connection. */
  async useVirtualAddresses(): Promise<void> {
    await this.#expectOk('Qqemu.PhyMemMode:0');
  }

  async read(address: bigint, bytes: number): Promise<Buffer> {
    const reply = await this.#send(`m${address.toString(16)},${bytes.toString(16)}`);
    if (!/^([0-9a-f]{2})+$/.test(reply)) throw stubError('read memory', reply);
    return Buffer.from(reply, 'hex');
  }

  async write(address: bigint, bytes: Buffer): Promise<void> {
    // The stub's packet buffer holds 4096 bytes (GDB MAX_PACKET_LENGTH), two hex digits for each of ours.
    const chunk = 1024;
    for (let at = 0; at < bytes.length; at += chunk) {
      const part = bytes.subarray(at, at + chunk);
      const where = (address + BigInt(at)).toString(16);
      await this.#expectOk(`M${where},${part.length.toString(16)}:${part.toString('hex')}`);
    }
  }

  /**
   * Has the guest stop before the instruction at a virtual address, of whatever process; the other way round it is to
   * be taken off again. `kind` is the instruction's length, which QEMU does not look at.
   */
  async setBreakpoint(address: bigint): Promise<void> {
    await this.#expectOk(`Z0,${address.toString(16)},4`);
  }

  async removeBreakpoint(address: bigint): Promise<void> {
    await this.#expectOk(`z0,${address.toString(16)},4`);
  }

  /** A register by its number in gdb's order for the arch; its bytes are in the target's order. */
  async readRegister(number: number): Promise<Buffer> {
    const reply = await this.#send(`p${number.toString(16)}`);
    if (!/^([0-9a-f]{2})+$/.test(reply)) throw stubError('read a register', reply);
    return Buffer.from(reply, 'hex');
  }

  async writeRegister(number: number, bytes: Buffer): Promise<void> {
    await this.#expectOk(`P${number.toString(16)}=${bytes.toString('hex')}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = once(this.#socket, 'close');
    this.#socket.destroy();
    await closed;
  }

  async #expectOk(packet: string): Promise<void> {
    const reply = await this.#send(packet);
    if (reply !== 'OK') throw stubError(packet.split(/[,:]/)[0] ?? packet, reply);
  }

  #send(packet: string): Promise<string> {
    let sum = 0;
    for (const byte of Buffer.from(packet, 'latin1')) sum = (sum + byte) & 0xff;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`$${packet}#${sum.toString(16).padStart(2, '0')}`, 'latin1');
    });
  }

  #feed(text: string): void {
    this.#rest += text;
    const match = /\$([^#]*)#[0-9a-f]{2}/.exec(this.#rest);
    if (!match) return;
    this.#rest = this.#rest.slice(match.index + match[0].length);
    this.#socket.write('+');
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(match[1] ?? '');
  }
}

const stubError = (what: string, reply: string): LabError =>
  new LabError(`QEMU's gdb stub answered ${JSON.stringify(reply)} to ${what}`, { code: 'gdb-stub' });
