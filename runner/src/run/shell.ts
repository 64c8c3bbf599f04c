import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Readable } from 'node:stream';
import ssh2, { type Client, type ClientChannel } from 'ssh2';
import { bootToReady, findQemu } from '../guest/index.ts';
import { LabError } from '../lib/errors.ts';
import type { Payload } from '../lib/payload.ts';
import { temporaryFolder } from '../lib/temporary.ts';
import { payloadOfTarget } from './payload-of-target.ts';
import type { TargetOptions } from './target-options.ts';
import { withArchive } from './with-archive.ts';

/** The terminal that the shell is shown on; a pipe will do. */
export interface Terminal {
  input: Readable & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };
  output: NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number };
}

export interface ShellOptions extends TargetOptions {
  terminal: Terminal;
}

/** How long a person may stay. */
const SESSION_SECONDS = 12 * 3600;
/** Emulated key exchange takes seconds on a slow guest. */
const LOGIN_MS = 120_000;

/** Boots a live guest with a network of its own, logs in, and gives the terminal to the person; the shell's exit status. */
export async function openShell(options: ShellOptions): Promise<number> {
  const { signal } = options;
  const own = await payloadOfTarget(options, 'shell');
  const dir = await temporaryFolder();
  try {
    const keys = ssh2.utils.generateKeyPairSync('ed25519');
    const payload = await withSecrets(own, keys.public, dir);
    const port = await freePort();
    const qemu = await findQemu(payload.machine, signal);
    const { vm } = await bootToReady(payload, 'live', qemu, SESSION_SECONDS, signal, { login: { port } });
    await using _vm = vm;
    await vm.qmp.call('cont');
    using client = await login(port, keys.private, signal);
    return await interact(client.client, options.terminal, signal);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Kernels count 256 bits of randomness as enough; the older ones ask for up to 4096. */
const SEED_BYTES = 512;

/** What is this guest's alone. */
async function withSecrets(payload: Payload, publicKey: string, dir: string): Promise<Payload> {
  return await withArchive(payload, dir, [
    { kind: 'dir', path: 'etc', mode: 0o755 },
    { kind: 'file', path: 'etc/random-seed', mode: 0o600, content: randomBytes(SEED_BYTES) },
    { kind: 'dir', path: 'root', mode: 0o700 },
    { kind: 'dir', path: 'root/.ssh', mode: 0o700 },
    {
      kind: 'file',
      path: 'root/.ssh/authorized_keys',
      mode: 0o600,
      content: Buffer.from(`${publicKey}\n`, 'utf8'),
    },
  ]);
}

/** A loopback port that was free a moment ago; QEMU says so when it no longer is. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

async function login(
  port: number,
  privateKey: string,
  signal: AbortSignal,
): Promise<{ client: Client } & Disposable> {
  const client = new ssh2.Client();
  const ready = new Promise<void>((resolve, reject) => {
    // It stays: after the first error there may be others, and one that nobody hears ends the process.
    client.on('error', (cause) =>
      reject(new LabError(`cannot log in to the guest: ${cause.message}`, { code: 'ssh-login', cause })),
    );
    client.once('ready', resolve);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    // The host key was made in that guest a moment ago and loopback leads nowhere else: there is nothing to compare it with.
    client.connect({ host: '127.0.0.1', port, username: 'root', privateKey, readyTimeout: LOGIN_MS });
  });
  try {
    await ready;
  } catch (error) {
    client.destroy();
    throw error;
  }
  return { client, [Symbol.dispose]: () => void client.destroy() };
}

async function interact(client: Client, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { input, output } = terminal;
  const channel = await openChannel(client, output);
  const resize = () => channel.setWindow(output.rows ?? 24, output.columns ?? 80, 0, 0);
  input.setRawMode?.(true);
  output.on('resize', resize);
  try {
    input.pipe(channel);
    channel.pipe(output, { end: false });
    channel.stderr.pipe(output, { end: false });
    return await exitStatus(channel, signal);
  } finally {
    input.unpipe(channel);
    input.setRawMode?.(false);
    input.destroy();
    output.off('resize', resize);
  }
}

function openChannel(client: Client, output: Terminal['output']): Promise<ClientChannel> {
  const pty = { term: 'xterm-256color', rows: output.rows ?? 24, cols: output.columns ?? 80 };
  return new Promise((resolve, reject) => {
    // A pipe gets no terminal, so that what it reads is the program's own bytes.
    client.shell(output.isTTY ? pty : false, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

function exitStatus(channel: ClientChannel, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    let status = 0;
    channel.on('exit', (code: number | null) => {
      status = code ?? 1;
    });
    channel.on('close', () => resolve(status));
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
