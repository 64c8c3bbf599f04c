import type { Cache } from '../lib/cache.ts';
import type { Mode } from '../lib/ids.ts';
import type { Payload } from '../lib/payload.ts';
import { bootToReady, type Checkpoint, ensureCheckpoint, type Readiness } from './checkpoint.ts';
import { findQemu, type Qemu, qemuArgs, type Sockets } from './qemu.ts';
import { type Ahead, Spares } from './spares.ts';
import { Vm } from './vm.ts';

/** A target that can run schedules; disposing ends the QEMUs that wait for one. */
export interface Guest extends AsyncDisposable {
  payload: Payload;
  mode: Mode;
  qemu: Qemu;
  ready: Readiness;
  /** Null where each schedule has to boot from cold: this QEMU cannot fork, or forks were seen to differ. */
  forks: Forks | null;
}

interface Forks {
  checkpoint: Checkpoint;
  spares: Spares<Vm>;
  /** Wall seconds that QEMU may take to take the checkpoint over. */
  restoreSeconds: number;
}

/** It takes a fraction of a second; a QEMU that hangs in it is told from one on a very busy machine by this. */
const RESTORE_SECONDS = 120;

/** A guest that has shown that it boots is put away at once. */
const PUT_AWAY_SECONDS = 30;

export interface AheadOfJobs extends Ahead {
  /** Whether a person is to type into them. */
  typed?: boolean;
}

/** Two for each core of the small machines that the lab is made for: short jobs end before theirs is replaced. */
const FOR_JOBS: AheadOfJobs = { most: 4, lifeSeconds: 7200 };

/** Boots the target once, or finds that this was done before. Throws BootFailure when it does not get READY. */
export async function prepareGuest(
  payload: Payload,
  mode: Mode,
  cache: Cache,
  signal: AbortSignal,
  ahead = FOR_JOBS,
): Promise<Guest> {
  const qemu = await findQemu(payload.machine, signal);
  if (qemu.forks) {
    const checkpoint = await ensureCheckpoint(payload, mode, qemu, cache, signal);
    const args = (sockets: Sockets) =>
      qemuArgs(payload, mode, sockets, { kind: 'incoming', memoryFile: checkpoint.memoryFile });
    const { lifeSeconds, typed } = ahead;
    const start = () => Vm.start(qemu.binary, args, lifeSeconds, signal, { typed });
    const spares = new Spares(start, ahead);
    await spares.fill();
    const dispose = () => spares[Symbol.asyncDispose]();
    const forks = { checkpoint, spares, restoreSeconds: RESTORE_SECONDS };
    return { payload, mode, qemu, ready: checkpoint, forks, [Symbol.asyncDispose]: dispose };
  }
  const { vm, ready } = await bootToReady(payload, mode, qemu, PUT_AWAY_SECONDS, signal);
  await vm[Symbol.asyncDispose]();
  return { payload, mode, qemu, ready, forks: null, [Symbol.asyncDispose]: async () => undefined };
}

/** The same guest, each of whose schedules boots from cold. */
export const withoutForks = (guest: Guest): Guest => ({ ...guest, forks: null });
