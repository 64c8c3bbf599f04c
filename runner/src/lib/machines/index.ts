import type { Arch } from '../ids.ts';
import { arm } from './arm.ts';
import { arm64 } from './arm64.ts';
import type { Machine } from './machine.ts';
import { mipsel } from './mipsel.ts';
import { x86_64 } from './x86_64.ts';

export type { Machine } from './machine.ts';

/** The arches that have a machine profile; `mips` (big-endian) has none yet, since no distribution packages a kernel for it. */
export const machines: Partial<Record<Arch, Machine>> = { x86_64, arm, arm64, mipsel };
