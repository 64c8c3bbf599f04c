import { LabError } from '../lib/errors.ts';
import type { Mode } from '../lib/ids.ts';
import type { Machine } from '../lib/machines/index.ts';
import type { Payload } from '../lib/payload.ts';
import { run } from '../lib/process.ts';

/** A QEMU that was found, and what it can do for us. */
export interface Qemu {
  binary: string;
  /** `10.0.2`, without the distribution's suffix. */
  version: string;
  /** Whether forks can map a checkpoint's memory without writing to its file: QEMU 9 and later. */
  forks: boolean;
}

/** `-object memory-backend-file,readonly=on,rom=off` came with QEMU 9.0. */
const FORKS_SINCE = 9;

const found = new Map<string, Promise<Qemu>>();

/** Asks the binary for its version, once per process. */
export function findQemu(machine: Machine, signal: AbortSignal): Promise<Qemu> {
  const known = found.get(machine.qemu.binary);
  if (known) return known;
  const asked = askVersion(machine.qemu.binary, signal);
  found.set(machine.qemu.binary, asked);
  asked.catch(() => found.delete(machine.qemu.binary));
  return asked;
}

async function askVersion(binary: string, signal: AbortSignal): Promise<Qemu> {
  const { stdout } = await run(binary, ['--version'], { signal, limitSeconds: 20 });
  const match = /version (\d+)\.(\d+)\.(\d+)/.exec(stdout);
  if (!match) {
    throw new LabError(`${binary} does not say its version`, {
      code: 'qemu-unknown',
      hint: '`npm run doctor` says which QEMU is needed',
    });
  }
  const version = match.slice(1, 4).join('.');
  return { binary, version, forks: Number(match[1]) >= FORKS_SINCE };
}

/** Paths of what connects a QEMU with us: two sockets, and the file that its serial port is written to. */
export interface Sockets {
  qmp: string;
  gdb: string;
  serial: string;
  /** A FIFO that the serial port reads, in a guest that a person is to type into. */
  input?: string | undefined;
}

/** A way in for a person: the host's loopback port leads to the guest's port 22; nothing leads out. */
export interface Login {
  port: number;
}

export type Start =
  /** From the kernel's first instruction; what the guest keeps in its memory goes to the file, if one is named. */
  | { kind: 'boot'; login?: Login; memoryFile?: string }
  /** Waits for a checkpoint's devices; its memory is there, and what the guest changes in it stays its own. */
  | { kind: 'incoming'; memoryFile: string };

/**
 * What a sealed guest adds: time is counted in instructions, every random number comes from a seed, and the
 * clock is the guest's own; with that a run depends on its memory alone.
 */
function modeArgs(machine: Machine, mode: Mode): string[] {
  if (mode === 'live') return ['-accel', 'tcg,thread=multi', '-smp', String(machine.liveCpus)];
  return [
    '-accel',
    'tcg',
    '-smp',
    '1',
    '-icount',
    `shift=${machine.sealedShift},sleep=off`,
    '-rtc',
    'base=2026-01-01,clock=vm',
    '-seed',
    '1',
  ];
}

const COMMAND_LINE = [
  // A dying kernel ends its QEMU at once instead of standing there.
  'panic=-1',
  'oops=panic',
  'rcupdate.rcu_expedited=1',
  'mitigations=off',
  'audit=0',
  'random.trust_cpu=on',
  // At boot a kernel writes the values of enums into the texts under events/*/format, 75 million instructions
  // of a 6.13: without it the texts name the enums. A kernel without this initcall ignores the word.
  'initcall_blacklist=trace_eval_init',
  // A tmpfs may take half of the memory that the packed programs leave: too little for a small guest and many attacks.
  'rootfstype=ramfs',
];

function kernelParameters({ machine, parameters }: Payload, mode: Mode): string[] {
  const ofMode = mode === 'sealed' ? [machine.idleSpins] : [];
  return [`console=${machine.qemu.console}`, ...COMMAND_LINE, ...ofMode, ...parameters];
}

function memoryArgs(machine: Machine, start: Start): string[] {
  const size = ['-m', String(machine.memoryMiB)];
  if (!start.memoryFile) return size;
  const access = start.kind === 'boot' ? 'share=on' : 'share=off,readonly=on,rom=off';
  const file = `memory-backend-file,id=memory,size=${machine.memoryMiB}M,mem-path=${start.memoryFile}`;
  return [...size, '-machine', 'memory-backend=memory', '-object', `${file},${access}`];
}

function networkArgs(machine: Machine, start: Start): string[] {
  if (start.kind !== 'boot' || !start.login) return ['-nic', 'none'];
  const user = `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${start.login.port}-:22`;
  return ['-netdev', user, '-device', `${machine.qemu.nic.device},netdev=net`];
}

/** QEMU's whole argument list. The order is fixed: it is part of what a checkpoint is keyed by. */
export function qemuArgs(payload: Payload, mode: Mode, sockets: Sockets, start: Start): string[] {
  const { machine } = payload;
  const input = sockets.input === undefined ? '' : `,input-path=${sockets.input}`;
  const socket = (id: string, path: string) => `socket,id=${id},path=${path},server=on,wait=off`;
  return [
    ...machine.qemu.args,
    ...modeArgs(machine, mode),
    ...memoryArgs(machine, start),
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...networkArgs(machine, start),
    ...['-chardev', `file,id=serial,path=${sockets.serial}${input}`, '-serial', 'chardev:serial'],
    ...['-chardev', socket('qmp', sockets.qmp), '-mon', 'chardev=qmp,mode=control'],
    ...['-gdb', `unix:${sockets.gdb},server=on,wait=off`],
    ...['-kernel', payload.kernelImage, '-initrd', payload.initramfs],
    ...['-append', kernelParameters(payload, mode).join(' ')],
    ...['-S', ...(start.kind === 'incoming' ? ['-incoming', 'defer'] : [])],
  ];
}
