import { test } from 'vitest';
import { tellsAll, tellsTheSame } from './streams/same.ts';

/** Those that are built from source are skipped where they were not. */
test.for([
  ['x86_64', 'debian-6.1', 'debian-6.12'],
  ['arm', 'debian-5.10', 'debian-6.1'],
  ['x86_64', '4.10', '6.13'],
  ['arm', '4.10', '6.13'],
  ['mips', '4.10', '6.13'],
  ['mipsel', '4.10', '6.13'],
  ['arm64', '4.10', '6.13'],
] as const)(
  'the hooks on %s tell the same of %s and %s',
  { timeout: 1_200_000 },
  ([arch, ...kernels], context) => tellsTheSame(arch, kernels, context),
);

/** Of its packaged kernels there is one. */
test('the hooks on mipsel tell all of debian-6.1', { timeout: 600_000 }, () =>
  tellsAll('mipsel', 'debian-6.1'),
);
