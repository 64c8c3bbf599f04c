import { z } from 'zod';
import { FILE_KEEPERS } from './ids.ts';

/**
 * What a guest says, as one union told apart by `from` and `event`.
 *
 * On the wire each event is one frame (docs/formats.md); the frame's header carries `from`, because an
 * attack is not trusted to say who it is. Times `t` are the guest's CLOCK_MONOTONIC in nanoseconds.
 * Byte strings of the guest arrive with each byte as the code point of the same value (latin-1).
 */

const time = z.number().int().nonnegative();
const pid = z.number().int().positive();
const base = { t: time };

const agentEvent = z.discriminatedUnion('event', [
  z.strictObject({
    ...base,
    event: z.literal('ready'),
    mailbox: z.string().regex(/^0x[0-9a-f]+$/),
    mailboxBytes: z.number().int(),
    release: z.string(),
    /** What the kernel can do, read from the guest: `user-notification`, `addfd`, `landlock`, … → version or 1; 0 is absent. */
    features: z.record(z.string(), z.number().int()),
  }),
  z.strictObject({ ...base, event: z.literal('start'), lane: z.string(), seed: z.string() }),
  z.strictObject({
    ...base,
    event: z.literal('sysctl'),
    name: z.string(),
    value: z.string(),
    errno: z.number().int(),
  }),
  /** The job's command ended: exactly one of status (0–255) and signal is not null. */
  z.strictObject({
    ...base,
    event: z.literal('exit'),
    status: z.number().int().nullable(),
    signal: z.number().int().nullable(),
  }),
  /** Lines that were dropped because they were longer than a frame or came faster than they could be sent. */
  z.strictObject({ ...base, event: z.literal('lost'), source: z.string(), lines: z.number().int() }),
  z.strictObject({
    ...base,
    event: z.literal('error'),
    step: z.string(),
    errno: z.number().int(),
    subject: z.string(),
  }),
  /** What a hook of the job's list asks for cannot be had on this kernel, so the command was not started. */
  z.strictObject({
    ...base,
    event: z.literal('unsupported'),
    hook: z.number().int().nonnegative(),
    reason: z.string(),
  }),
  /** Where the host is to write a person's shell: a guest-physical address, in hex, for each 4096 bytes of it. */
  z.strictObject({
    ...base,
    event: z.literal('room'),
    pieces: z.string().regex(/^[0-9a-f]+( [0-9a-f]+)*$/),
  }),
  /** Always the last frame of a job. */
  z.strictObject({ ...base, event: z.literal('end') }),
]);

const wardenEvent = z.discriminatedUnion('event', [
  z.strictObject({
    ...base,
    event: z.literal('started'),
    backend: z.string(),
    argvGuard: z.string(),
    track: z.string(),
    /** Under a profile: who sees to its rules for files. */
    files: z.enum(FILE_KEEPERS).optional(),
    /** The bug that was planted in it. */
    flaw: z.string().optional(),
  }),
  /** The warden will not run the command at all: it says which promise cannot be kept. */
  z.strictObject({ ...base, event: z.literal('refused'), reason: z.string() }),
  z.strictObject({ ...base, event: z.literal('registered'), pid, ppid: z.number().int(), how: z.string() }),
  z.strictObject({
    ...base,
    event: z.literal('judged'),
    pid,
    decision: z.enum(['allow', 'deny']),
    /** The line of the rule that decided, in the file of the policy; 0 when no rule matched. */
    rule: z.number().int(),
    path: z.string(),
    argv: z.array(z.string()),
    truncated: z.boolean(),
  }),
  /** An exec that could not be judged, so it was denied (or, with --on-unjudged allow, let through). */
  z.strictObject({
    ...base,
    event: z.literal('unjudged'),
    pid,
    decision: z.enum(['allow', 'deny']),
    reason: z.string(),
  }),
  z.strictObject({ ...base, event: z.literal('verified'), pid }),
  z.strictObject({ ...base, event: z.literal('killed'), pid, reason: z.string() }),
  /** An approved exec that the kernel then refused; everyone was thawed. */
  z.strictObject({ ...base, event: z.literal('exec-failed'), pid }),
  z.strictObject({ ...base, event: z.literal('exited'), pid }),
  /** A piece of what `warden learn` has learned, in their order. */
  z.strictObject({ ...base, event: z.literal('profile'), text: z.string(), last: z.boolean() }),
  z.strictObject({
    ...base,
    event: z.literal('end'),
    allowed: z.number().int(),
    denied: z.number().int(),
    killed: z.number().int(),
  }),
]);

/** Attacks choose their own event names and fields; values are scalars, so that rules can compare them. */
const attackEvent = z
  .object({ ...base, event: z.string().regex(/^[a-z][a-z-]*$/), pid, n: z.number().int().nonnegative() })
  .catchall(z.union([z.string(), z.number(), z.boolean()]));

/** Which hook of the job's list told of it. */
const hook = z.number().int().nonnegative();
/** 64 bits with their sign; a decimal string where a double would not be exact. */
const wide = z.union([z.number().int(), z.string().regex(/^-?\d{16,19}$/)]);
const call = {
  ...base,
  ...{ hook, pid, tid: pid, number: z.number().int(), abi: z.number().int() },
  ...{ arg0: wide, arg1: wide, arg2: wide, arg3: wide, arg4: wide, arg5: wide },
};

const number = z.number().int().nonnegative();
/** As stat(2) has them. */
const file = { mode: number, dev: number, ino: wide, rdev: number };
const socket = { ...base, hook, pid, family: number, type: number, protocol: number, ino: wide };
/** Of the kernel's copy: `ip` and `port`, `path` and whether it is `abstract`, else all its `bytes` in hex. */
const address = {
  addressFamily: number,
  ...{ ip: z.string().optional(), port: number.optional() },
  ...{ path: z.string().optional(), abstract: z.boolean().optional() },
  bytes: z.string().optional(),
};

const hooksEvent = z.discriminatedUnion('event', [
  /** What the kernel executed, read from the new image before its first instruction. */
  z.strictObject({
    ...base,
    event: z.literal('exec'),
    hook: hook.optional(),
    pid,
    path: z.string(),
    argc: z.number().int(),
    argv: z.array(z.string()),
    truncated: z.boolean(),
  }),
  z.strictObject({ ...base, event: z.literal('fork'), hook: hook.optional(), pid, child: pid }),
  z.strictObject({ ...call, event: z.literal('call'), skipped: z.boolean() }),
  /** `callSeen`: its beginning was seen too, else its arguments are 0. */
  z.strictObject({ ...call, event: z.literal('return'), result: wide, callSeen: z.boolean() }),
  z.strictObject({
    ...base,
    ...{ event: z.literal('exit'), hook, pid, tid: pid, status: z.number().int(), leads: z.boolean() },
  }),
  z.strictObject({
    ...base,
    ...{ event: z.literal('signal'), hook, pid, tid: pid, signal: z.number().int(), code: z.number().int() },
  }),
  /** A file that is being opened, found and permitted: where it is for its opener, and which it is. */
  z.strictObject({
    ...base,
    ...{
      event: z.literal('open'),
      hook,
      pid,
      path: z.string(),
      flags: number,
      ...file,
      truncated: z.boolean(),
    },
  }),
  z.strictObject({ ...socket, event: z.literal('bind'), ...address }),
  z.strictObject({ ...socket, event: z.literal('connect'), ...address }),
  /** No descriptor leads to this socket any more; `pid` is of who had the last. */
  z.strictObject({ ...socket, event: z.literal('release') }),
  /** An ioctl(2) that ended with ENOTTY, and the file that was asked. */
  z.strictObject({
    ...base,
    ...{ event: z.literal('unanswered'), hook, pid, command: number, argument: wide, ...file },
  }),
  z.strictObject({ ...base, event: z.literal('dropped'), count: z.number().int() }),
]);

/** The step of an agent's `error` that says that the kernel found a bug in itself, and the subject which. */
export const SPLAT = 'splat';

export const SOURCES = ['agent', 'warden', 'attack', 'hooks'] as const;
export type Source = (typeof SOURCES)[number];

export const eventSchemas = {
  agent: agentEvent,
  warden: wardenEvent,
  attack: attackEvent,
  hooks: hooksEvent,
} as const;

export type AgentEvent = z.infer<typeof agentEvent> & { from: 'agent' };
export type WardenEvent = z.infer<typeof wardenEvent> & { from: 'warden' };
export type AttackEvent = z.infer<typeof attackEvent> & { from: 'attack' };
export type HooksEvent = z.infer<typeof hooksEvent> & { from: 'hooks' };
export type GuestEvent = AgentEvent | WardenEvent | AttackEvent | HooksEvent;

/** How a schedule came to its end, as the guest stage saw it. Only `finished` carries evidence to judge. */
export type ScheduleEnd =
  | { kind: 'finished' }
  /** The guest's kernel died or found a bug in itself: panic, oops, splat; `detail` is the console line. */
  | { kind: 'crashed'; detail: string }
  /** Virtual time moved on and nothing happened within the limit. */
  | { kind: 'hung'; detail: string }
  /** The lab failed: QEMU died or livelocked, a frame was damaged, an event was not of its schema. */
  | { kind: 'error'; detail: string };

/** One schedule's evidence. */
export interface ScheduleRecord {
  lane: 'control' | 'guarded' | 'honest';
  seed: string;
  shape: string;
  /** Trials asked for; how many were really made is counted from the events. */
  trials: number;
  events: GuestEvent[];
  end: ScheduleEnd;
  /** `sha256:<hex>` over all frames' payloads in order; null in live mode. */
  digest: string | null;
  /** Wall seconds from the fork to the last frame, and to the first. */
  seconds: number;
  firstEventSeconds: number | null;
}
