import type { Width } from '../filter/typed.ts';
import { UAPI } from './uapi.ts';

/** What a hook can be on, and what its program is told of it in args; of calls that is up to the call. */

export interface KindField {
  name: string;
  place: number;
  bits: Width;
  signed: boolean;
}

interface Kind {
  number: number;
  fields: readonly KindField[];
}

const field = (name: string, place: number, bits: Width, signed: boolean): KindField => ({
  ...{ name, place, bits, signed },
});

const socket = [field('family', 0, 32, false), field('type', 1, 32, false), field('protocol', 2, 32, false)];
const address = [
  ...socket,
  field('length', 3, 32, false),
  field('ino', 4, 64, false),
  field('address_family', 5, 32, false),
];

export const KINDS = {
  call: { number: UAPI.PF_CALL, fields: [] },
  return: { number: UAPI.PF_RETURN, fields: [] },
  exec: { number: UAPI.PF_EXEC, fields: [field('argc', 0, 32, false)] },
  fork: { number: UAPI.PF_FORK, fields: [field('child', 0, 32, false)] },
  exit: {
    number: UAPI.PF_EXIT,
    fields: [field('status', 0, 32, false), field('leads', 1, 8, false)],
  },
  signal: {
    number: UAPI.PF_SIGNAL,
    fields: [field('signal', 0, 32, false), field('code', 1, 32, true)],
  },
  open: {
    number: UAPI.PF_OPEN,
    fields: [
      field('flags', 0, 32, false),
      field('mode', 1, 32, false),
      field('dev', 2, 32, false),
      field('ino', 3, 64, false),
      field('rdev', 4, 32, false),
    ],
  },
  bind: { number: UAPI.PF_BIND, fields: address },
  connect: { number: UAPI.PF_CONNECT, fields: address },
  release: { number: UAPI.PF_RELEASE, fields: [...socket, field('ino', 3, 64, false)] },
  unanswered: {
    number: UAPI.PF_UNANSWERED,
    fields: [
      field('command', 0, 32, false),
      field('argument', 1, 64, false),
      field('rdev', 2, 32, false),
      field('dev', 3, 32, false),
      field('ino', 4, 64, false),
      field('mode', 5, 32, false),
    ],
  },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;
export const KIND_NAMES = [
  ...(['call', 'return', 'exec', 'fork', 'exit', 'signal'] as const),
  ...(['open', 'bind', 'connect', 'release', 'unanswered'] as const),
] as const satisfies KindName[];

export const isAboutCalls = (kind: KindName): kind is 'call' | 'return' =>
  kind === 'call' || kind === 'return';
