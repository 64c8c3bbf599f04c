import { test } from 'vitest';
import { SPLATS_LIMIT_MS, seesSplats } from '../vm/splats/sees.ts';

const TARGETS = [
  ...(['x86_64', 'arm', 'arm64', 'mips', 'mipsel'] as const).map((arch) => [arch, '4.10-debug'] as const),
  ...(['arm', 'arm64', 'mips'] as const).map((arch) => [arch, '6.13-debug'] as const),
];

test.for(TARGETS)(
  '%s/%s finds every bug of a module that has one of each kind',
  { timeout: SPLATS_LIMIT_MS },
  ([arch, kernel], context) => seesSplats(arch, kernel, context),
);
