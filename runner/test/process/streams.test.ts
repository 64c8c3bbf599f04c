import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GuestEvent } from '../../src/lib/events.ts';
import { projectRoot } from '../../src/lib/project.ts';
import { compareStreams } from '../vm/streams/compare.ts';
import { DIFFERENCES, differencesBetween } from '../vm/streams/differences.ts';
import { streamsOf } from '../vm/streams/streams.ts';
import { missingIn } from '../vm/streams/whole.ts';

it('docs/hooks.md has every difference that is known, and no other', () => {
  const text = readFileSync(path.join(projectRoot, 'docs/hooks.md'), 'utf8');
  const rows = [...text.matchAll(/^\| (\d+\.\d+) \| `([0-9a-f]{12})` \| (.*) \|$/gm)].map((row) =>
    row.slice(1),
  );
  expect(rows).toEqual(
    DIFFERENCES.map(({ release, commit, what, backports = [], arches = [] }) => {
      const where = arches.length > 0 ? ` (${arches.join(', ')})` : '';
      const also = backports.length > 0 ? `; stable updates of ${backports.join(', ')} have it` : '';
      return [release, commit, `${what}${where}${also}`];
    }),
  );
});

it('a difference counts between a kernel that lacks it and one that has it', () => {
  const names = (...pair: [string, string]) => differencesBetween('arm', ...pair).map(({ what }) => what);
  expect(names('6.1', '6.12')).toEqual(['close(2) returns after the file is released']);
  expect(names('5.10', '6.1')).toEqual(['O_CREAT with O_DIRECTORY is EINVAL, and makes no file']);
  expect(names('4.10', '6.13')).toHaveLength(DIFFERENCES.length);
  expect(differencesBetween('x86_64', '4.10', '6.13')).toHaveLength(DIFFERENCES.length - 2);
});

describe('streams', () => {
  const rseq = DIFFERENCES.find(({ what }) => what.startsWith('rseq'));
  if (!rseq) throw new Error('there are some');
  const compare = (before: string[], since: string[]) =>
    compareStreams(new Map([['main', before]]), new Map([['main', since]]), [rseq]);

  it('differ only where a difference says so, and one that does not show is told', () => {
    const old = ['call rseq()', 'return rseq() = ENOSYS', 'call close(fd 3)'];
    const recent = ['call rseq()', 'return rseq() = 0', 'call close(fd 3)'];
    expect(compare(old, recent)).toEqual({ unexplained: [], used: new Set([rseq]) });
    expect(compare(recent, old).unexplained).toHaveLength(2);
    expect(compare(old, old)).toEqual({ unexplained: [], used: new Set() });
    expect(compare(old, old.slice(0, 2)).unexplained).toEqual(['main: - call close(fd 3)']);
    expect(compare(old, [...old, 'exit 0']).unexplained).toEqual(['main: + exit 0']);
    expect(compareStreams(new Map(), new Map([['main', ['exit 0']]]), []).unexplained).toHaveLength(1);
  });

  it('may have the same lines at another place where a difference says so', () => {
    const known = DIFFERENCES.filter(({ moved }) => moved);
    const compared = (before: string[], since: string[]) =>
      compareStreams(new Map([['main', before]]), new Map([['main', since]]), known).unexplained;
    const [returned, released] = ['return close(fd 3) = 0', 'release 1 1 0'];
    expect(compared([returned, released], [released, returned])).toEqual([]);
    expect(compared([returned, released], [released])).toEqual([`main: - ${returned}`]);
    expect(compared(['a', 'b'], ['b', 'a'])).toHaveLength(2);
  });

  it('have one end for each call, but for one that ends the task or in which it is killed', () => {
    const faults = (...lines: string[]) =>
      missingIn(new Map([['main', lines]]), []).filter((fault) => !/: no \//.test(fault));
    const closed = ['call close(fd 3)', 'return close(fd 3) = 0'];
    const ended = ['call exit_group(error_code 0)', 'exit 0 leads'];
    expect(faults('return fork() = 0', ...closed, ...ended)).toEqual([]);
    expect(faults(...closed, 'call kill(pid main, sig 9)', 'exit 9 leads')).toEqual([]);
    expect(faults(...closed, 'call kill(pid main, sig 9)', 'exit 0 leads')).toHaveLength(1);
    expect(faults(...closed.slice(0, 1), ...closed, ...ended)).toHaveLength(1);
    expect(faults(...closed, ...closed.slice(1), ...ended)).toHaveLength(1);
    expect(faults(...closed)).toEqual(['main: has no end']);
    expect(faults(...ended, 'exit 0 leads')).toHaveLength(1);
    expect(faults('fork main/child-1', ...ended)).toEqual(['main/child-1: nothing']);
  });

  it('lack what the work would have told', () => {
    const main = ['bind 1 1 0 "streams"', 'exit 0 leads'];
    expect(missingIn(new Map([['main', main]]), ['bind'])).toContain(
      'main: 1 of 2 /^bind 1 [12] 0 "streams"$/',
    );
    expect(missingIn(new Map([['main', main]]), [])).not.toContain('main: no /^exit 0 leads$/');
    expect(missingIn(new Map([['main', main]]), [])).toContain('main/child-3: no /^exit 2304 leads$/');
  });

  it('have tasks by their order, errors by name, and nothing of who was there before', () => {
    const at = { from: 'hooks', t: 1, hook: 0 } as const;
    const call = (pid: number, number: number, args: readonly number[], result: number): GuestEvent => {
      const [arg0 = 0, arg1 = 0] = args;
      return {
        ...{ ...at, event: 'return', pid, tid: pid, number, abi: 0, arg0, arg1 },
        ...{ arg2: 0, arg3: 0, arg4: 0, arg5: 0, result, callSeen: true },
      };
    };
    const exec: GuestEvent = {
      ...{ ...at, event: 'exec', pid: 40, path: '/a', argc: 1, argv: ['/a'], truncated: false },
    };
    const events: GuestEvent[] = [
      call(40, 3, [7], 0),
      exec,
      { ...at, event: 'fork', pid: 40, child: 41 },
      call(40, 57, [], 41),
      call(41, 3, [2 ** 32 + 9], -9),
      call(40, 62, [41, 0], 0),
      call(39, 3, [1], 0),
      { ...at, event: 'exit', pid: 41, tid: 41, status: 256, leads: true },
    ];
    expect(Object.fromEntries(streamsOf(events, 'x86_64'))).toEqual({
      main: [
        'exec /a 1 ["/a"]',
        'fork main/child-1',
        'return fork() = main/child-1',
        'return kill(pid main/child-1, sig 0) = 0',
      ],
      'main/child-1': ['return close(fd 9) = EBADF', 'exit 256 leads'],
    });
    expect(() => streamsOf([exec, { from: 'hooks', event: 'dropped', t: 1, count: 2 }], 'arm')).toThrow(
      /2 records/,
    );
  });
});
