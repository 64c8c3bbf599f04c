import type { Arch } from '../../../src/lib/ids.ts';

/** What kernels do otherwise than older ones did, as far as the streams of the workload show it; docs/hooks.md has the same. */

export interface Difference {
  /** The first release that does so, and the commit that made it. */
  release: string;
  commit: string;
  /** Older series of the catalogue whose stable updates have it as well. */
  backports?: readonly string[];
  what: string;
  /** Where it shows; everywhere unless said. */
  arches?: readonly Arch[];
  /** Lines that only kernels before it have, and only those from it on. */
  before?: RegExp;
  since?: RegExp;
  /** Lines that both have, at another place. */
  moved?: RegExp;
}

/** A call that came with a release: before it there is ENOSYS. */
const call = (name: string, release: string, commit: string, instead?: string): Difference => ({
  ...{ release, commit, what: `${name}(2) is there` },
  before: new RegExp(`^return ${name}\\(.*\\) = ENOSYS$${instead ? `|^(?:call|return) ${instead}\\(` : ''}`),
  since: new RegExp(`^(?:call|return) ${name}\\((?!.*= ENOSYS$)`),
});

export const DIFFERENCES: readonly Difference[] = [
  {
    ...{ release: '4.15', commit: '1c9725974074', what: 'mmap(2) knows MAP_SHARED_VALIDATE' },
    before: /^return mmap.*flags 3,.* = EINVAL$/,
    since: /^return mmap.*flags 3,.* = a place$/,
  },
  call('rseq', '4.18', 'd7822b1e24f2'),
  {
    ...call('clock_gettime64', '5.1', '48166e6ea47d'),
    arches: ['arm', 'mips', 'mipsel'],
  },
  call('pidfd_open', '5.3', '32fcb426ec00'),
  call('clone3', '5.3', '7f192e3cd316', 'clone'),
  {
    ...{ release: '5.4', commit: '428826f5358c', arches: ['arm', 'arm64'] },
    what: 'the device tree has a seed for random bytes, so that the C library asks no clock for some',
    before: /^return getrandom\(.*\) = EAGAIN$|^(?:call|return) clock_gettime(?:64)?\(which_clock 1\)/,
    since: /^return getrandom\(.*\) = [48]$/,
  },
  call('openat2', '5.6', 'fddb5d430ad9'),
  {
    ...{ release: '5.8', commit: '633fb6ac3980' },
    what: 'what is no regular file is not opened to be executed',
    before: /^open \S+ flags \d+ mode 16832$/,
  },
  call('faccessat2', '5.8', 'c8ffd8bcdd28'),
  call('close_range', '5.9', '278a5fbaed89'),
  {
    ...{ release: '5.18', commit: 'dcd46d897adb', backports: ['5.10'] },
    what: 'an empty argv becomes one empty string',
    before: /^exec \S+ 0 \[\]$/,
    since: /^exec \S+ 1 \[""\]$/,
  },
  {
    ...{ release: '6.4', commit: '43b450632676', backports: ['6.1'] },
    what: 'O_CREAT with O_DIRECTORY is EINVAL, and makes no file',
    before: /^open \S+\/both |^return openat\(.*\) = (?:\d+|ENOTDIR)$|^return unlink(?:at)?\(.*\) = 0$/,
    since: /^return openat\(.*\) = EINVAL$|^return unlink(?:at)?\(.*\) = ENOENT$/,
  },
  {
    ...{ release: '6.6', commit: '021a160abf62', what: 'close(2) returns after the file is released' },
    moved: /^return close\(.*\) = 0$|^release /,
  },
];

/** Those that show on an arch between two releases. */
export function differencesBetween(arch: Arch, old: string, recent: string): Difference[] {
  return DIFFERENCES.filter(
    (one) => (one.arches ?? [arch]).includes(arch) && !isIn(one, old) && isIn(one, recent),
  );
}

const isIn = ({ release, backports = [] }: Difference, kernel: string): boolean =>
  !older(kernel, release) || backports.includes(kernel);

function older(a: string, b: string): boolean {
  const [one, other] = [a, b].map((text) => text.split('.').map(Number));
  const major = (one?.[0] ?? 0) - (other?.[0] ?? 0);
  return major !== 0 ? major < 0 : (one?.[1] ?? 0) < (other?.[1] ?? 0);
}
