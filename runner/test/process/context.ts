import { writeFile } from 'node:fs/promises';
import { cacheAt } from '../../src/lib/cache.ts';
import type { Context } from '../../src/provision/context.ts';

/** A context whose downloads bring one text after the other, and count. */
export function contextAt(root: string, texts: string[], more: Partial<Context> = {}) {
  const asked: string[] = [];
  const context: Context = {
    cache: cacheAt(root),
    env: process.env,
    signal: new AbortController().signal,
    ready: false,
    now: () => new Date('2026-01-01T12:00:00Z'),
    refreshedAt: 0,
    download: async (_, uri, file) => {
      asked.push(uri);
      await writeFile(file, texts.shift() ?? '');
    },
    fetch: () => Promise.reject(new Error('nobody is asked')),
    kernelSources: new Map(),
    onStep: () => undefined,
    ...more,
  };
  return { context, asked };
}
