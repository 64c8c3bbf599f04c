import { test } from 'vitest';
import { agreesOn } from './agreement/agree.ts';
import { conditionsAgreeOn } from './conditions/agree.ts';

test.each(['x86_64', 'arm', 'mipsel'] as const)(
  'the kernel of %s runs compiled programs as the interpreter does, and as their expressions say',
  (arch) => agreesOn(arch, 'debian-6.1'),
);

test.each(['x86_64', 'arm', 'mipsel'] as const)(
  'the interpreter of the hook module on %s returns what conditions say',
  (arch) => conditionsAgreeOn(arch, 'debian-6.1'),
);
