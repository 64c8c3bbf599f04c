import type { Arch } from '../ids.ts';
import { arm } from './arm.ts';
import { arm64 } from './arm64.ts';
import type { Machine } from './machine.ts';
import { mips } from './mips.ts';
import { mipsel } from './mipsel.ts';
import { x86_64 } from './x86_64.ts';

export type { Machine } from './machine.ts';

/** Every arch has a profile. */
export const machines: Record<Arch, Machine> = { x86_64, arm, arm64, mips, mipsel };
