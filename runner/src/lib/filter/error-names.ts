import type { Metadata } from './metadata/index.ts';
import { suggestion } from './problem.ts';

/** MAX_ERRNO of linux/err.h: what a call returns from -4095 on is an error. */
const MOST = 4095n;

/** An errno by its name, on one arch. */
export function errorNamed(
  name: string,
  { constants }: Metadata,
): { ok: true; number: number } | { ok: false; problem: string } {
  const value = constants.get(name);
  if (value !== undefined && isErrorName(name) && value > 0n && value <= MOST)
    return { ok: true, number: Number(value) };
  const known = [...constants.keys()].filter(isErrorName);
  return { ok: false, problem: `there is no error \`${name}\`${suggestion(name, known)}` };
}

const isErrorName = (name: string): boolean => /^E(?!POLL)[A-Z0-9]+$/.test(name);
