import { type Guest, prepareGuest, runSchedule } from '../../guest/index.ts';
import { openCache } from '../../lib/cache.ts';
import { LabError } from '../../lib/errors.ts';
import { type Target, targetName, USED_BACKENDS } from '../../lib/ids.ts';
import { PLAIN_JOB, serializeJob } from '../../lib/job.ts';
import type { Payload } from '../../lib/payload.ts';
import type { Place, Said, Sizes } from './place.ts';

/** One turn: a sealed guest does the same work in the same number of instructions each time. */
const SIZES: Sizes = { rounds: 1, counts: { exec: 20, open: 200, null: 2000 }, tasks: 200 };
const LIMIT_SECONDS = 60;

/** A sealed guest of a target; each command runs in a fork of its own. */
export async function openGuest(
  target: Target,
  payload: Payload,
  { env, signal, root = false }: { env: NodeJS.ProcessEnv; signal: AbortSignal; root?: boolean },
): Promise<Place> {
  const guest = await prepareGuest(payload, 'sealed', openCache(env), signal);
  const asks = (guest.ready.features['user-notification'] ?? 0) > 0;
  return {
    name: targetName(target),
    clock: ', in counted instructions',
    backends: USED_BACKENDS.filter((backend) => backend === 'trace' || asks),
    sizes: SIZES,
    programs: {
      ...{ load: '/bench/load', tasks: '/bench/tasks', warden: '/bin/warden', strace: '/bench/strace' },
    },
    policy: (name) => `/bench/policies/${name}`,
    run: (command, round) => runIn(guest, command, { round, root }, signal),
    [Symbol.asyncDispose]: () => guest[Symbol.asyncDispose](),
  };
}

async function runIn(
  guest: Guest,
  command: readonly string[],
  { round, root }: { round: number; root: boolean },
  signal: AbortSignal,
): Promise<Said> {
  const timing = { seed: String(round + 1), limitMs: LIMIT_SECONDS * 1000 };
  const job = { ...PLAIN_JOB, ...timing, root, argv: [...command] };
  const schedule = await runSchedule(guest, serializeJob(job, 'bench'), {
    limitSeconds: LIMIT_SECONDS,
    signal,
  });
  const words = schedule.console.join('\n');
  const report = schedule.events.find((event) => event.from === 'attack');
  // Who has reported may still find that it was not measured as it should have been.
  const succeeded = schedule.events.some(
    (event) => event.from === 'agent' && event.event === 'exit' && event.status === 0,
  );
  const unfinished = schedule.end.kind === 'finished' ? undefined : schedule.end.detail;
  if (unfinished === undefined && report && succeeded) return { report, words };
  const why = unfinished ?? (report ? 'it failed' : 'it reported nothing');
  throw new LabError(`${command.join(' ')} on ${targetName(guest.payload.target)}: ${why}\n${words}`, {
    code: 'bench-failed',
  });
}
