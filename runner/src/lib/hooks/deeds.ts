import { checkConstant } from '../filter/check.ts';
import { errorNamed } from '../filter/error-names.ts';
import type { Argument, Metadata, Syscall } from '../filter/metadata/index.ts';
import { parseExpression } from '../filter/parser.ts';
import { ExpressionError, suggestion } from '../filter/problem.ts';
import type { Deed } from './hook-schema.ts';
import type { KindName } from './kinds.ts';
import { type BinaryHook, UAPI } from './uapi.ts';

/** What a hook does beside recording, as the module takes it. */
export type CheckedDeed = Pick<BinaryHook, 'deed' | 'index' | 'value' | 'oneIn' | 'seed'>;

const UNDRAWN = { index: 0, oneIn: 0, seed: 0n };
export const NO_DEED: CheckedDeed = { ...UNDRAWN, deed: UAPI.PF_DO_NOTHING, value: 0n };

export type DeedResult =
  | { ok: true; deed: CheckedDeed }
  /** At a key of the deed. */
  | { ok: false; path: readonly string[]; text: string; character?: number };

export function checkDeed(
  deed: Deed,
  on: KindName,
  call: Syscall | undefined,
  metadata: Metadata,
): DeedResult {
  if (deed === 'yield') return checkLever({ yield: true }, on);
  if ('fail' in deed) return checkFail(deed.fail, on, metadata);
  if ('result' in deed) return checkResult(deed.result, on, metadata);
  if (!('set' in deed)) return checkLever(deed, on);
  return checkSet(deed.set, deed.to, on, call, metadata);
}

type Lever = Extract<Deed, { yield: true } | { hold: string } | { nice: number }>;

function checkLever(lever: Lever, on: KindName): DeedResult {
  if (on === 'exit' || on === 'signal') return wrong([], 'who ends, or is sent a signal, cannot be held');
  const seed = lever.seed === undefined ? undefined : BigInt(lever.seed);
  const drawn = { index: 0, oneIn: lever['one-in'] ?? 0, seed };
  if ('yield' in lever) return { ok: true, deed: { ...drawn, deed: UAPI.PF_DO_YIELD, value: 0n } };
  if ('nice' in lever)
    return { ok: true, deed: { ...drawn, deed: UAPI.PF_DO_NICE, value: BigInt(lever.nice) } };
  const value = nanoseconds(lever.hold);
  if (value > UAPI.PF_HOLD_MOST) return wrong(['hold'], 'at most a second');
  return { ok: true, deed: { ...drawn, deed: UAPI.PF_DO_HOLD, value } };
}

const UNITS: Readonly<Record<string, bigint>> = { ns: 1n, us: 1000n, ms: 1_000_000n, s: 1_000_000_000n };

function nanoseconds(time: string): bigint {
  const [, count = '0', unit = 'ns'] = /^(\d+)([a-z]+)$/.exec(time) ?? [];
  return BigInt(count) * (UNITS[unit] ?? 1n);
}

const wrong = (path: readonly string[], text: string): DeedResult => ({ ok: false, path, text });

function checkFail(error: string, on: KindName, metadata: Metadata): DeedResult {
  if (on !== 'call') return wrong(['fail'], 'only a hook on call can have it fail');
  const found = errorNamed(error, metadata);
  if (!found.ok) return wrong(['fail'], found.problem);
  return { ok: true, deed: { deed: UAPI.PF_DO_FAIL, ...UNDRAWN, value: BigInt(found.number) } };
}

function checkResult(given: number | string, on: KindName, metadata: Metadata): DeedResult {
  if (on !== 'return') return wrong(['result'], 'only a hook on return has a result to set');
  const value = constantOf(given, ['result'], metadata);
  if (typeof value !== 'bigint') return value;
  const outside = rangeProblem(value, metadata.bits, true);
  if (outside) return wrong(['result'], `${value} is out of range: a result ${outside}`);
  return { ok: true, deed: { deed: UAPI.PF_DO_SET_RESULT, ...UNDRAWN, value } };
}

function checkSet(
  name: string,
  given: number | string,
  on: KindName,
  call: Syscall | undefined,
  metadata: Metadata,
): DeedResult {
  if (on !== 'call') return wrong(['set'], 'only a hook on call has arguments to set');
  if (!call) return wrong(['set'], 'arguments have names where `syscall` says which calls it is about');
  const index = call.args.findIndex((arg) => arg.name === name);
  const arg = call.args[index];
  if (!arg || index >= UAPI.PF_PARAMETERS_MOST) {
    const names = call.args.map((one) => one.name);
    return wrong(['set'], `${call.name} has no argument \`${name}\`${suggestion(name, names)}`);
  }
  const value = constantOf(given, ['to'], metadata);
  if (typeof value !== 'bigint') return value;
  const { bits, signed } = shapeOf(arg, metadata);
  const outside = rangeProblem(value, bits, signed);
  if (outside) return wrong(['to'], `${value} is out of range: \`${name}\` of ${call.name} ${outside}`);
  return { ok: true, deed: { deed: UAPI.PF_DO_SET_ARGUMENT, ...UNDRAWN, index, value } };
}

const shapeOf = ({ type }: Argument, { bits }: Metadata): { bits: number; signed: boolean } =>
  type.kind === 'int' ? type : { bits, signed: false };

function rangeProblem(value: bigint, bits: number, signed: boolean): string | undefined {
  const most = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  const least = signed ? -most - 1n : 0n;
  return value < least || value > most ? `goes from ${least} to ${most}` : undefined;
}

function constantOf(
  given: number | string,
  path: readonly string[],
  metadata: Metadata,
): bigint | DeedResult {
  if (typeof given === 'number') return BigInt(given);
  try {
    return checkConstant(parseExpression(given), metadata);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { ok: false, path, text: error.message, character: error.at };
  }
}
