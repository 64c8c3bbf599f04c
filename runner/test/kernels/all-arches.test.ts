import { test } from 'vitest';
import { BUILD_LIMIT_MS, holdsOn } from './built.ts';

test.each(['x86_64', 'arm', 'mips', 'mipsel'] as const)(
  'a kernel built from source for %s',
  holdsOn,
  BUILD_LIMIT_MS,
);
