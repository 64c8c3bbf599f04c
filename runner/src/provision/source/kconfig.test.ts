import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kernelIdSchema } from '../../lib/ids.ts';
import { folder } from '../../plan/testing.ts';
import { evaluate, parseExpression, symbolsOf, textOf } from './expression.ts';
import {
  mergeRequests,
  parseConfig,
  parseFragment,
  refusedRequests,
  requestsFor,
  requestText,
} from './fragments.ts';
import { readKconfig } from './kconfig.ts';
import { writeFiles } from './testing.ts';
import { whyRefused } from './why-refused.ts';

const config = parseConfig('CONFIG_A=y\nCONFIG_M=m\nCONFIG_N=5\nCONFIG_S="text"\n# CONFIG_OFF is not set\n');

describe('expressions', () => {
  test.each([
    ['A', 2],
    ['M', 1],
    ['OFF', 0],
    ['!A', 0],
    ['!OFF && M', 1],
    ['OFF || A && OFF', 0],
    ['(OFF || A) && A', 2],
    ['N = 5', 2],
    ['N<4', 0],
    ['S = "text"', 2],
    ['A!=y', 0],
    ['OFF = n', 2],
    ['$(cc-option,-mabi=(x))', 2],
  ])('%s is %i', (text, value) => {
    const parsed = parseExpression(text);
    expect(parsed && evaluate(parsed, config)).toBe(value);
  });

  test.each(['A &&', '(A', 'A B', '&& A', 'A @ B', ''])('`%s` is none', (text) => {
    expect(parseExpression(text)).toBeUndefined();
  });

  test('are written as they were read, and name their options once', () => {
    const parsed = parseExpression('(A || !B) && C=y && A');
    expect(parsed && textOf(parsed)).toBe('(A || !B) && C=y && A');
    expect(parsed && symbolsOf(parsed)).toEqual(['A', 'B', 'C']);
  });
});

describe('fragments', () => {
  test('those that the catalogue names count last, and must be there', async () => {
    await using place = await folder();
    await writeFiles(place.dir, {
      ...{ 'lab.config': 'CONFIG_A=y\nCONFIG_B=y\n', 'kernel/6.13.config': 'CONFIG_A=m\n' },
      'debug/all.config': 'CONFIG_A=7\n',
    });
    const kernel = kernelIdSchema.parse('6.13');
    const text = async (...more: string[]) => requestText(await requestsFor(kernel, 'arm', more, place.dir));
    expect(await text()).toBe('CONFIG_A=m\nCONFIG_B=y\n');
    expect(await text('debug/all')).toBe('CONFIG_A=7\nCONFIG_B=y\n');
    await expect(text('debug/al')).rejects.toMatchObject({
      ...{ exitStatus: 2, message: expect.stringMatching(/catalogue\.yaml names .*debug\/al\.config/) },
    });
  });

  test('have requests, and of several for one option the last counts', () => {
    const requests = mergeRequests(
      parseFragment('/f', '# why\nCONFIG_A=y\nCONFIG_B=n\n\n# CONFIG_A is not set\nCONFIG_S="a b"\n'),
    );
    expect(requestText(requests)).toBe('# CONFIG_A is not set\n# CONFIG_B is not set\nCONFIG_S="a b"\n');
    expect(requests.find(({ option }) => option === 'A')?.at).toBe('/f:5');
  });

  test('a line that is neither is pointed at', () => {
    expect(() => parseFragment('/f', 'CONFIG_A=y\nCONFIG_B y\n')).toThrow(/^\/f:2: `CONFIG_B y` is no line/);
  });

  test.each([
    ['CONFIG_A=y', 0],
    ['CONFIG_A=m', 1],
    ['# CONFIG_A is not set', 1],
    ['# CONFIG_OFF is not set', 0],
    ['# CONFIG_NOWHERE is not set', 0],
    ['CONFIG_OFF=y', 1],
    ['CONFIG_S="text"', 0],
    ['CONFIG_S="other"', 1],
  ])('`%s` is refused %i times', (line, count) => {
    expect(refusedRequests(parseFragment('/f', line), config)).toHaveLength(count);
  });
});

describe('why an option could not be had', () => {
  let tree: string;
  beforeEach(async () => {
    tree = await mkdtemp(path.join(tmpdir(), 'pf-kconfig-'));
    await writeFiles(tree, {
      Kconfig:
        'mainmenu "x"\nsource "arch/$SRCARCH/Kconfig"\nsource "$(SRCARCH)/none"\nrsource "net/Kconfig"\n',
      'arch/x86/Kconfig': `config X86
	def_bool y
	select HIDDEN if A
choice
	prompt "Timer frequency"
config HZ_100
	bool "100 HZ"
config HZ_250
	bool "250 HZ"
endchoice
config HIDDEN
	bool
config FORCED
	bool "forced" if EXPERT
	default y
	---help---
	  depends on WORDS of a help text
	  config NOT_ONE

	  if anybody asks
config LONG
	bool "a # in quotes" # and a comment
	depends on A && \\
		OFF
`,
      'net/Kconfig': `menu "Networking"
	depends on NET
if INET || UNIX
config DEEP
	tristate "deep"
	depends on !A
endif
config ONLY_NET
	bool "n"
endmenu
config OUTSIDE
	bool "o"
`,
    });
  });
  afterEach(() => rm(tree, { recursive: true, force: true }));

  const X86 = 'CONFIG_A=y\nCONFIG_X86=y\nCONFIG_HIDDEN=y\nCONFIG_HZ_100=y\nCONFIG_FORCED=y\n';
  test.each([
    ['CONFIG_LONG=y', 'it depends on OFF, which is not set (arch/x86/Kconfig:21)'],
    [
      'CONFIG_DEEP=y',
      'it depends on NET, which is not set, it depends on INET || UNIX (INET is not set, UNIX is not set), it depends on !A (A=y) (net/Kconfig:4)',
    ],
    ['CONFIG_ONLY_NET=y', 'it depends on NET, which is not set (net/Kconfig:8)'],
    ['CONFIG_OUTSIDE=y', 'it is not set, although nothing it depends on is missing'],
    ['CONFIG_HZ_250=y', 'of its choice CONFIG_HZ_100 is set instead'],
    ['# CONFIG_HIDDEN is not set', 'it is y, because CONFIG_X86 selects it'],
    ['CONFIG_FORCED=m', 'it can be asked for only if EXPERT, which is not set (arch/x86/Kconfig:13)'],
    ['# CONFIG_FORCED is not set', 'it is y all the same'],
    ['CONFIG_X86=m', 'it has no prompt: only other options set it (arch/x86/Kconfig:1)'],
    ['CONFIG_OUTSIED=y', 'there is no such option in this kernel; did you mean CONFIG_OUTSIDE?'],
    ['CONFIG_NOT_ONE=y', 'there is no such option in this kernel'],
    ['CONFIG_SOMETHING_ELSE=y', 'there is no such option in this kernel'],
  ])('%s: %s', async (line, reason) => {
    const kconfig = await readKconfig(tree, 'x86');
    const [request] = parseFragment('/lab.config', line);
    const option = line.replace(/^# | is not set$/g, '').replace(/=.*/, '');
    const wanted = line.startsWith('#') ? `${option} not set` : line;
    expect(request && whyRefused(request, parseConfig(X86), kconfig)).toBe(
      `${wanted} (/lab.config:1): ${reason}`,
    );
  });
});
