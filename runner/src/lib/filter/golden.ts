import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../project.ts';
import { returnOf } from './compile.ts';
import type { Facts } from './evaluate.ts';
import { GOLDEN_ARCH, type GoldenCall, goldenCases } from './golden-cases.ts';
import { encodeImage } from './image.ts';
import type { Policy } from './policy-schema.ts';
import { checked, policyOf } from './testing.ts';

/**
 * Writes native/warden/test/golden.h anew: `npx tsx runner/src/lib/filter/golden.ts`. A test sees to it that what is
 * there is what this writes. With the name of a folder it writes the images there, as seeds for native/fuzz.
 */

export const GOLDEN_FILE = path.join(projectRoot, 'native/warden/test/golden.h');

const exec = (when: string): Policy => policyOf([{ syscall: 'exec', when, action: 'deny' }]);

/** Policies that tests of the whole warden run under. */
const NAMED: Record<string, Policy> = {
  permissive: policyOf([]),
  no_evil: exec('argv[1] == "EVIL"'),
  far_argument: exec('argv[20000] == "EVIL"'),
  odd_bytes: exec('argv[1] == "\\xff\\xfe"'),
  no_option: exec('argv[1] == "-e"'),
  environment: exec('envp[0] == "PF_EVIL=1"'),
  kills: policyOf([{ syscall: 'exec', when: 'argv[1] == "EVIL"', action: 'kill' }]),
  exec_errno: policyOf([{ syscall: 'exec', when: 'argv[1] == "EVIL"', action: { errno: 'EBUSY' } }]),
  kernel_decides: policyOf([
    { syscall: 'getpriority', when: 'which == 0 && who == -7', action: { errno: 'EDOM' } },
    { syscall: 'getpriority', when: 'who == 5', action: { errno: 'EXDEV' } },
  ]),
  deep_open: policyOf([{ syscall: 'open', when: 'path ~ "/etc/*"', action: 'deny' }]),
  deep_mkdir: policyOf([{ syscall: 'mkdir', when: 'pathname ~ "/etc/*"', action: 'deny' }]),
  deep_calls: policyOf([
    // What has no name is judged by its directory, not by what it is listed as.
    { syscall: 'open', when: 'path ~ "*EVIL*" || path ~ "*/#*(deleted)"', action: { errno: 'EDOM' } },
    { syscall: 'openat2', when: 'how.flags & O_APPEND', action: { errno: 'EXDEV' } },
    ...['connect', 'bind', 'send'].map((syscall) => ({
      ...{ syscall, when: 'addr.path ~ "*EVIL*" || addr.port == 666' },
      action: { errno: 'EDOM' },
    })),
  ]),
};

export function goldenHeader(): string {
  const cases = goldenCases();
  const images = [
    ...Object.entries(NAMED).map(([name, policy]) => ({ name, policy: checked(policy, GOLDEN_ARCH) })),
    ...cases.map(({ policy }, at) => ({ name: `random_${at}`, policy })),
  ].map(({ name, policy }) => array(`golden_${name}`, encodeImage(policy)));
  const calls = cases.flatMap(({ policy, calls: list }, at) =>
    list.map((call) =>
      vector(at, policy.actions.map(returnOf), policy.lines, returnOf(policy.fallback), call),
    ),
  );
  const list = cases.map((_, at) => `\t{ golden_random_${at}, sizeof(golden_random_${at}) },\n`).join('');
  return `${HEAD}${images.join('')}
static const struct golden_image golden_images[] = {
${list}};

static const struct golden_call golden_calls[] = {
${calls.join('')}};

/* clang-format on */
#endif
`;
}

const HEAD = `/* SPDX-License-Identifier: Apache-2.0 */
/* Made by runner/src/lib/filter/golden.ts: policies for ${GOLDEN_ARCH}, and what they say of calls. */
#ifndef PF_GOLDEN_H
#define PF_GOLDEN_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that are not there have size -1. */
struct golden_bytes {
	int size;
	const char *at;
};

struct golden_image {
	const unsigned char *at;
	size_t size;
};

struct golden_call {
	unsigned image;
	int number;
	uint32_t action, line;
	uint64_t args[6];
	struct golden_bytes deep[6];
	const char *path;
	int argc, envc; /* -1: not there */
	const char *argv[4], *envp[4];
};

/* clang-format off */
`;

function array(name: string, bytes: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 24) rows.push([...bytes.subarray(at, at + 24)].join(','));
  return `static const unsigned char ${name}[] = {\n${rows.join(',\n')}\n};\n`;
}

function vector(
  image: number,
  actions: readonly number[],
  lines: readonly number[],
  fallback: number,
  { number, facts, rule }: GoldenCall,
): string {
  const action = rule < 0 ? fallback : (actions[rule] ?? 0);
  const line = rule < 0 ? 0 : (lines[rule] ?? 0);
  const args = facts.args.map((arg) => `${arg}u`).join(', ');
  return `{ ${image}, ${number}, ${action >>> 0}u, ${line}, { ${args} }, ${deepOf(facts)}, ${execOf(facts)} },\n`;
}

function deepOf({ deep = [] }: Facts): string {
  const all = Array.from({ length: 6 }, (_, at) => deep[at]);
  return `{ ${all.map((bytes) => `{ ${bytes ? bytes.length : -1}, ${bytes ? literal(bytes) : '""'} }`).join(', ')} }`;
}

function execOf({ path: name, argv, envp }: Facts): string {
  const words = (all: readonly Uint8Array[] | undefined): string =>
    `{ ${[...(all ?? []).map(literal), 'NULL'].join(', ')} }`;
  const counts = `${argv ? argv.length : -1}, ${envp ? envp.length : -1}`;
  return `${name ? literal(name) : 'NULL'}, ${counts}, ${words(argv)}, ${words(envp)}`;
}

/** Octal escapes end by themselves, whatever follows. */
function literal(bytes: Uint8Array): string {
  const safe = (byte: number): string =>
    /[A-Za-z0-9/ ]/.test(String.fromCharCode(byte))
      ? String.fromCharCode(byte)
      : `\\${byte.toString(8).padStart(3, '0')}`;
  return `"${[...bytes].map(safe).join('')}"`;
}

/** The same images as files, for a fuzzer to start from. */
async function writeSeeds(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const policies = [
    ...Object.values(NAMED).map((policy) => checked(policy, GOLDEN_ARCH)),
    ...goldenCases().map(({ policy }) => policy),
  ];
  for (const [at, policy] of policies.entries()) {
    await writeFile(path.join(folder, `seed-${at}`), encodeImage(policy));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , seeds] = process.argv;
  await (seeds === undefined ? writeFile(GOLDEN_FILE, goldenHeader()) : writeSeeds(seeds));
}
