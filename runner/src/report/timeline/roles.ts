import type { GuestEvent } from '../../lib/events.ts';

/** Who the processes of a schedule are: numbers differ from one schedule to the next, roles do not. */

/** By pid, in the order in which they were first named. */
export type Roles = ReadonlyMap<number, string>;

/** The program that the job runs. */
export const ATTACK = 'attack';

/** PID 1 of every guest. */
const AGENT_PID = 1;

export function rolesOf(events: readonly GuestEvent[]): Roles {
  const root = rootOf(events);
  const roles = new Map<number, string>([[AGENT_PID, 'agent']]);
  if (root?.parent !== undefined) roles.set(root.parent, 'warden');
  if (root !== undefined) roles.set(root.pid, ATTACK);
  const counts = { child: 0, helper: 0 };
  const name = (pid: number, kind: 'child' | 'helper'): void => {
    if (!roles.has(pid)) roles.set(pid, `${kind} ${++counts[kind]}`);
  };
  for (const event of events) {
    if (!('pid' in event)) continue;
    name(event.pid, 'child');
    // What the warden forks beside the attack are its own.
    if (isFork(event)) name(event.child, roles.get(event.pid) === 'warden' ? 'helper' : 'child');
  }
  return roles;
}

export const isFork = (event: GuestEvent): event is Extract<GuestEvent, { event: 'fork'; from: 'hooks' }> =>
  event.from === 'hooks' && event.event === 'fork';

/** As the warden says; where there is none, whoever reports how trials ended. */
function rootOf(events: readonly GuestEvent[]): { pid: number; parent?: number } | undefined {
  for (const event of events) {
    if (event.from === 'warden' && event.event === 'registered' && event.how === 'root') {
      return { pid: event.pid, parent: event.ppid };
    }
  }
  const report = events.find((event) => event.from === 'attack' && event.event === 'trial');
  return report !== undefined && 'pid' in report ? { pid: report.pid } : undefined;
}
