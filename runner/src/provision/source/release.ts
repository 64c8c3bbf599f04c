import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LabError } from '../../lib/errors.ts';
import type { KernelId } from '../../lib/ids.ts';
import type { Release } from '../catalogue.ts';
import type { Context } from '../context.ts';
import { once } from '../once.ts';
import { sha256OfFile } from '../packages.ts';
import { notReady, obtain, Unavailable } from '../unavailable.ts';
import { sourceHint } from './source.ts';

const KIND = 'kernel-release';
/** A server that answers at all answers within this time. */
const ANSWER_MS = 4000;
/** A transfer that brings nothing for this long is given up. */
const STALL_MS = 60_000;
const SHOW_EVERY_MS = 2000;
const MIB = 1024 * 1024;

export const releaseName = ({ url }: Release): string => path.posix.basename(new URL(url).pathname);

/** The file of a release, in the cache: downloaded when it is not there, its SHA-256 checked whenever it is used. */
export async function releaseFile(context: Context, release: Release, id: KernelId): Promise<string> {
  const inputs = { sha256: release.sha256 };
  const place = async (): Promise<string> => {
    const dir = await obtain(context, releaseName(release), KIND, inputs, async (building) => {
      await checkReachable(context, release, id);
      await download(context, release, id, path.join(building, releaseName(release)));
    });
    return path.join(dir, releaseName(release));
  };
  const file = await place();
  const there = await stat(file).catch(() => undefined);
  if (there && (await sha256OfFile(file)) === release.sha256) return file;
  await context.cache.drop(KIND, inputs);
  return place();
}

/** Fails within seconds when a release neither is in the cache nor can be got. */
export async function checkObtainable(context: Context, release: Release, id: KernelId): Promise<void> {
  if (await context.cache.find(KIND, { sha256: release.sha256 })) return;
  if (context.ready) throw notReady(context.cache, releaseName(release));
  await checkReachable(context, release, id);
}

/** Asked once in a run for each address: a host without a network is told of at once, and not for every target. */
async function checkReachable(context: Context, { url }: Release, id: KernelId): Promise<void> {
  const why = await once(context, `reachable ${url}`, async () => {
    try {
      const signal = AbortSignal.any([context.signal, AbortSignal.timeout(ANSWER_MS)]);
      const answer = await context.fetch(url, { method: 'HEAD', signal });
      return answer.ok ? '' : `it answers ${answer.status}`;
    } catch (error) {
      context.signal.throwIfAborted();
      return reasonOf(error);
    }
  });
  if (why === '') return;
  throw new Unavailable(`${id}: its source ${url} cannot be reached: ${why}`, sourceHint(id));
}

/** fetch says `fetch failed`; what failed is its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${ANSWER_MS / 1000} s`;
  const { cause } = error;
  if (cause instanceof AggregateError) return reasonOf(cause.errors[0]);
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}

/** A transfer that was cut off or damaged on its way is likely whole the second time; twice is an error. */
async function download(context: Context, source: Release, id: KernelId, file: string): Promise<void> {
  let trouble = '';
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    try {
      await transfer(context, source.url, file);
      const found = await sha256OfFile(file);
      if (found === source.sha256) return;
      const { size } = await stat(file);
      trouble = `has SHA-256 ${found} (${size} bytes), but kernels/catalogue.yaml says ${source.sha256}`;
    } catch (error) {
      context.signal.throwIfAborted();
      if (!isTransferError(error)) throw error;
      trouble = `could not be downloaded: ${reasonOf(error)}`;
    }
    await rm(file, { force: true });
  }
  throw new LabError(`${releaseName(source)} ${trouble}`, {
    ...{ code: 'source-damaged', hint: sourceHint(id) },
  });
}

/** A full disk is another trouble, and says so itself. */
const isTransferError = (error: unknown): boolean =>
  error instanceof TypeError ||
  (error instanceof LabError && error.code === 'source-cut-off') ||
  (error instanceof Error && /^(Abort|Timeout)Error$/.test(error.name)) ||
  (error instanceof Error && 'code' in error && /^(ECONN|ETIMEDOUT|EPIPE|UND_ERR)/.test(String(error.code)));

async function transfer(context: Context, url: string, file: string): Promise<void> {
  const stall = new AbortController();
  const timer = setTimeout(
    () => stall.abort(new DOMException('nothing came for a minute', 'TimeoutError')),
    STALL_MS,
  );
  try {
    const signal = AbortSignal.any([context.signal, stall.signal]);
    const answer = await context.fetch(url, { signal });
    if (!answer.ok || !answer.body) throw cutOff(`the server answers ${answer.status}`);
    const length = Number(answer.headers.get('content-length') ?? Number.NaN);
    const show = shower(context, length);
    let bytes = 0;
    const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        timer.refresh();
        show(bytes);
        yield chunk;
      }
    };
    await pipeline(
      Readable.fromWeb(answer.body as import('node:stream/web').ReadableStream),
      counted,
      createWriteStream(file),
      {
        signal,
      },
    );
    if (Number.isFinite(length) && bytes < length) throw cutOff(`it ended after ${bytes} of ${length} bytes`);
  } finally {
    clearTimeout(timer);
  }
}

const cutOff = (message: string): LabError => new LabError(message, { code: 'source-cut-off' });

function shower(context: Context, length: number): (bytes: number) => void {
  let shownAt = 0;
  return (bytes) => {
    const now = performance.now();
    if (now - shownAt < SHOW_EVERY_MS) return;
    shownAt = now;
    const of = Number.isFinite(length) ? ` of ${(length / MIB).toFixed(0)}` : '';
    context.onStep('kernel', 'running', `${(bytes / MIB).toFixed(0)}${of} MiB`);
  };
}
