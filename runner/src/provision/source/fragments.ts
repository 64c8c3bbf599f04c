import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import type { Arch, KernelId } from '../../lib/ids.ts';
import { projectRoot } from '../../lib/project.ts';

/** One line of a fragment: an option, and what it is to be. */
export interface Request {
  /** Without `CONFIG_`. */
  option: string;
  /** As in .config: `y`, `m`, a number, a string with its quotes; undefined when it is not to be set. */
  value: string | undefined;
  /** `file:line` */
  at: string;
}

/** What a configuration sets, by option without `CONFIG_`. */
export type Config = ReadonlyMap<string, string>;

export const FRAGMENTS = path.join(projectRoot, 'kernels/config');

/**
 * What the lab asks of every kernel, of this arch's, of this kernel, and of the two together, where it asks; and what
 * the fragments in `more` ask, which must be there. Later ones win.
 */
export async function requestsFor(
  kernel: KernelId,
  arch: Arch,
  more: readonly string[] = [],
  dir = FRAGMENTS,
): Promise<Request[]> {
  const names = ['lab', `arch/${arch}`, `kernel/${kernel}`, `kernel/${kernel}-${arch}`];
  const place = (name: string): string => path.join(dir, `${name}.config`);
  const files = [...names.map(place).filter(existsSync), ...more.map(place)];
  const texts = await Promise.all(files.map(readFragment));
  return mergeRequests(files.flatMap((file, index) => parseFragment(file, texts[index] ?? '')));
}

const readFragment = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError(`kernels/catalogue.yaml names ${shown(file)}, which cannot be read`, {
      ...{ code: 'bad-fragment', cause },
    });
  });

/** Of several lines for one option the last counts. */
export const mergeRequests = (requests: readonly Request[]): Request[] => [
  ...new Map(requests.map((request) => [request.option, request])).values(),
];

const SET = /^CONFIG_(\w+)=(.+)$/;
const NOT_SET = /^# CONFIG_(\w+) is not set$/;

export function parseFragment(file: string, text: string): Request[] {
  return text.split('\n').flatMap((line, index): Request[] => {
    const at = `${shown(file)}:${index + 1}`;
    const off = NOT_SET.exec(line)?.[1];
    if (off) return [{ option: off, value: undefined, at }];
    const [, option, value] = SET.exec(line.trimEnd()) ?? [];
    if (option && value) return [{ option, value: value === 'n' ? undefined : value, at }];
    if (line.trim() === '' || line.startsWith('#')) return [];
    throw new UserError(`${at}: \`${line}\` is no line of a kernel configuration`, {
      code: 'bad-fragment',
      hint: 'write CONFIG_NAME=y, # CONFIG_NAME is not set, or a comment',
    });
  });
}

const shown = (file: string): string => {
  const relative = path.relative(projectRoot, file);
  return relative.startsWith('..') ? file : relative;
};

/** The requests as `make allnoconfig` reads them, without comments: those change no kernel. */
export const requestText = (requests: readonly Request[]): string =>
  requests
    .map(({ option, value }) =>
      value === undefined ? `# CONFIG_${option} is not set\n` : `CONFIG_${option}=${value}\n`,
    )
    .join('');

export function parseConfig(text: string): Config {
  const pairs = text.split('\n').flatMap((line): [string, string][] => {
    const [, option, value] = SET.exec(line) ?? [];
    return option && value ? [[option, value]] : [];
  });
  return new Map(pairs);
}

/** The requests that a configuration did not grant. */
export const refusedRequests = (requests: readonly Request[], config: Config): Request[] =>
  requests.filter(({ option, value }) => config.get(option) !== value);
