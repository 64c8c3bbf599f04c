import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Cache } from '../../lib/cache.ts';

/** How far a build is: counted in compiled files, against those of an earlier build of the same target. */
export interface Pace {
  /** Sees each line that make says. */
  line(text: string): void;
}

/** Compiled files for each option that is set, where no build has told yet: 2.05 to 2.7 were seen. */
const OBJECTS_PER_OPTION = 2.2;
const SHOW_EVERY_MS = 2000;
const COMPILING = /^\s+(CC|AS|HOSTCC)(\s+\[M\])?\s+\S+\.o$/;
/** kbuild writes one beside each object. */
const COMMAND_FILE = /^\.(?!built-in\.|vmlinux\.).+\.o\.cmd$/;

export interface PaceOptions {
  /** Compiled before this start. */
  before: number;
  total: number;
  now: () => number;
  show: (text: string) => void;
}

export function pace({ before, total, now, show }: PaceOptions): Pace {
  const startedAt = now();
  let compiled = 0;
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    line(text) {
      if (!COMPILING.test(text)) return;
      compiled += 1;
      if (now() - shownAt < SHOW_EVERY_MS) return;
      shownAt = now();
      show(
        paceText(before + compiled, total, ((now() - startedAt) / compiled) * (total - before - compiled)),
      );
    },
  };
}

function paceText(done: number, total: number, leftMs: number): string {
  if (done >= total) return `${done} files`;
  const minutes = Math.floor(leftMs / 60_000);
  const seconds = Math.round((leftMs % 60_000) / 1000);
  const left = minutes > 0 ? `${minutes} min` : `${seconds} s`;
  return `${Math.floor((100 * done) / total)} % of about ${total} files, about ${left} left`;
}

export async function countObjects(dir: string): Promise<number> {
  const names = await readdir(dir, { recursive: true }).catch((): string[] => []);
  return names.filter((name) => COMMAND_FILE.test(path.basename(name))).length;
}

const countFile = async (cache: Cache, target: string): Promise<string> =>
  path.join(await cache.folder('kernel-objects'), target.replaceAll('/', '-'));

export async function expectedObjects(cache: Cache, target: string, options: number): Promise<number> {
  const text = await readFile(await countFile(cache, target), 'utf8').catch(() => '');
  return Number.parseInt(text, 10) || Math.round(options * OBJECTS_PER_OPTION);
}

export async function rememberObjects(cache: Cache, target: string, count: number): Promise<void> {
  await writeFile(await countFile(cache, target), `${count}\n`);
}
