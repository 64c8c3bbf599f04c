import { execaSync } from 'execa';
import type { Arch } from '../../src/lib/ids.ts';
import { machines } from '../../src/lib/machines/index.ts';

/** Not every machine has a compiler for every arch. */
export const hasCompiler = (arch: Arch): boolean =>
  !execaSync(`${machines[arch].gnuTriple}-gcc`, ['--version'], { reject: false }).failed;
