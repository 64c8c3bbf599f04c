import { test } from 'vitest';
import { agreesOn } from '../vm/agreement/agree.ts';
import { conditionsAgreeOn } from '../vm/conditions/agree.ts';
import { BUILD_LIMIT_MS } from './built.ts';

/** Big-endian, for which no kernel is packaged. */
test(
  'the kernel of mips runs compiled programs as the interpreter does, and as their expressions say',
  () => agreesOn('mips', 'source-6.1'),
  BUILD_LIMIT_MS,
);

test(
  'the interpreter of the hook module on mips returns what conditions say',
  () => conditionsAgreeOn('mips', 'source-6.1'),
  BUILD_LIMIT_MS,
);
