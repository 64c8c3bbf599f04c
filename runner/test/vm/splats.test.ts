import { test } from 'vitest';
import { SPLATS_LIMIT_MS, seesSplatAtBoot, seesSplats } from './splats/sees.ts';

// One with KASAN and one without; `npm run test:kernels` has the others. Skipped where the kernel was not built.
const TARGETS = [
  ['x86_64', '6.13-debug'],
  ['mipsel', '6.13-debug'],
] as const;

test.for(TARGETS)(
  '%s/%s finds every bug of a module that has one of each kind',
  { timeout: SPLATS_LIMIT_MS },
  ([arch, kernel], context) => seesSplats(arch, kernel, context),
);

test.for(TARGETS)(
  '%s/%s does not get ready with a module that has a bug as soon as it is loaded',
  { timeout: SPLATS_LIMIT_MS },
  ([arch, kernel], context) => seesSplatAtBoot(arch, kernel, context),
);
