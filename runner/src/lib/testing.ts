import { CAPSULE, type Capsule } from './capsule.ts';
import { kernelIdSchema, scenarioIdSchema } from './ids.ts';
import { PLAIN_JOB, serializeJob } from './job.ts';

/** Capsules for tests. */

const sha = (digit: string): string => `sha256:${digit.repeat(64)}`;

export function capsule(changes: Partial<Capsule> = {}): Capsule {
  return {
    ...{ capsule: CAPSULE, cell: 'argv/swap@arm/debian-6.1', scenario: scenarioIdSchema.parse('argv/swap') },
    ...{ arch: 'arm', kernel: kernelIdSchema.parse('debian-6.1'), lane: 'guarded', shape: 'plain' },
    ...{ kernelSource: 'package 6.1.170-1', kernelRelease: '6.1.0-50-armmp' },
    before: [],
    inputs: { kernel: sha('1'), initramfs: sha('2'), qemu: '10.0.2', args: ['-M', 'virt'], checkpoint: 5 },
    job: serializeJob({ ...PLAIN_JOB, limitMs: 1000, argv: ['/bin/true'] }, 'argv/swap'),
    limitSeconds: 60,
    expected: { digest: sha('3'), trials: 3, breaches: 1 },
    ...changes,
  };
}
