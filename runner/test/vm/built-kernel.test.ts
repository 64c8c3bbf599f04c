import { test } from 'vitest';
import { BUILD_LIMIT_MS, holdsOn } from '../kernels/built.ts';

// One arch here; `npm run test:kernels` builds them all.
test('a kernel built from source holds as a packaged one does', () => holdsOn('arm'), BUILD_LIMIT_MS);
