import { openCache } from '../../lib/cache.ts';
import { parseCount } from '../../plan/index.ts';
import type { CommandContext } from '../context.ts';

const MIB = 1024 * 1024;

export async function cacheList({ env, stdout }: CommandContext): Promise<number> {
  const cache = openCache(env);
  const items = await cache.list();
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
  const byUse = [...items].sort((a, b) => b.usedAt.getTime() - a.usedAt.getTime());
  for (const item of byUse) {
    const size = `${(item.bytes / MIB).toFixed(1)} MiB`.padStart(12);
    stdout.write(`${item.usedAt.toISOString().slice(0, 16)}Z ${size}  ${item.kind}/${item.key}\n`);
  }
  stdout.write(`${items.length} entries, ${(bytes / MIB).toFixed(1)} MiB in ${cache.root}\n`);
  return 0;
}

export async function cachePrune(flags: { days: string }, { env, stdout }: CommandContext): Promise<number> {
  // 0 is a wish of its own here: everything that nobody uses right now.
  const olderThanDays = flags.days === '0' ? 0 : parseCount('--days', flags.days, 3650);
  const { removed, inUse } = await openCache(env).prune({ olderThanDays });
  const bytes = removed.reduce((sum, item) => sum + item.bytes, 0);
  stdout.write(`${removed.length} entries removed, ${(bytes / MIB).toFixed(1)} MiB\n`);
  if (inUse.length > 0) stdout.write(`${inUse.length} old entries are in use and stay\n`);
  return 0;
}
