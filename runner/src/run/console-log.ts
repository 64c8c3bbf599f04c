import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withLabErrors } from '../lib/cache.ts';
import { cellFolder } from '../lib/ids.ts';

/** One guest's console, and which one it was. */
export interface ConsolePart {
  title: string;
  lines: readonly string[];
}

/** Writes what the guests of a cell printed, if they printed anything; the path relative to the run's folder. */
export async function writeConsole(
  outDir: string,
  cellId: string,
  parts: readonly ConsolePart[],
): Promise<string | undefined> {
  const spoken = parts.filter((part) => part.lines.length > 0);
  if (spoken.length === 0) return undefined;
  const file = path.join(cellFolder(cellId), 'console.log');
  const text = spoken.map(({ title, lines }) => `== ${title}\n${lines.join('\n')}\n`).join('\n');
  await withLabErrors(outDir, async () => {
    await mkdir(path.join(outDir, cellFolder(cellId)), { recursive: true });
    await writeFile(path.join(outDir, file), text, 'latin1');
  });
  return file;
}
