import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectRoot } from '../../src/lib/project.ts';

/** Programs of the distribution are learned, and then do the same under what was learned: nothing else. */

const BUILD_MS = 300_000;
const PROGRAM_MS = 60_000;
/** Of a hundred deeds that are other than those that were seen. */
const TIGHT = 95;

let home: string;
let warden: string;
/** Of words that are not known before. */
const places = new Map<string, string>();
const server = createServer((_request, response) => response.end('served\n'));

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'pf-learn-programs-'));
  warden = path.join(home, 'out/bin/warden');
  await execa('make', [
    '-s',
    '-C',
    path.join(projectRoot, 'native'),
    `OUT=${path.join(home, 'out')}`,
    warden,
  ]);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  places.set('@site', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  places.set('@port', String(await freePort()));
}, BUILD_MS);

/** One that nobody listens at now, and that the kernel gives to nobody soon. */
async function freePort(): Promise<number> {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await new Promise((resolve) => other.close(resolve));
  return port;
}

afterAll(async () => {
  server.close();
  await rm(home, { recursive: true, force: true });
});

const POOL = `
import multiprocessing
def square(x): return x * x
if __name__ == '__main__':
    with multiprocessing.Pool(2) as pool: print(pool.map(square, [1, 2, 3]))
`;
const THREADS = `
import threading
seen = []
threads = [threading.Thread(target=lambda i=i: seen.append(open('letters').read()[i])) for i in range(3)]
for t in threads: t.start()
for t in threads: t.join()
print(sorted(seen))
`;
/** A server that has a process for each request, and its client. */
const SERVER = `
import http.server, socketserver, sys, threading, urllib.request
class Server(socketserver.ForkingMixIn, http.server.HTTPServer): pass
class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args): pass
server = Server(('127.0.0.1', int(sys.argv[1])), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(urllib.request.urlopen('http://127.0.0.1:%d/letters' % server.server_port).read())
server.shutdown()
`;

/** What a program finds: the same each time. */
async function layOut(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(path.join(dir, 'some'), { recursive: true });
  const files = {
    letters: 'b\na\nc\n',
    'some/one': 'one\n',
    'some/two': 'two\n',
    'script.sh': '#!/bin/sh\nfor f in some/*; do cat "$f"; done\necho done > result\n',
    'hello.c': '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n',
    Makefile: 'all: sorted\nsorted: letters\n\tsort letters > sorted\n',
    'list.json': '{"a": [1, 2, 3]}\n',
    'pool.py': POOL,
    'threads.py': THREADS,
    'server.py': SERVER,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(dir, name), text);
  await chmod(path.join(dir, 'script.sh'), 0o755);
}

/** A commit's name, and so that of its file, is made of its dates, too. */
const AT_ONE_TIME = { GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z', GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z' };

async function withRepository(dir: string): Promise<void> {
  const git = (...words: string[]) => execa('git', ['-C', dir, ...words], { env: AT_ONE_TIME });
  await git('init', '-q');
  await git('config', 'user.email', 'nobody@example.org');
  await git('config', 'user.name', 'nobody');
  await git('add', 'letters');
  await git('commit', '-q', '-m', 'one');
}

/** On standard output, and nothing but what the program itself says. */
async function under(words: readonly string[], command: readonly string[], cwd: string) {
  const { stdout, stderr, exitCode } = await execa(warden, [...words, '--', ...command], {
    ...{ cwd, stdin: 'ignore', reject: false, timeout: PROGRAM_MS / 2 },
  });
  return { stdout, stderr, exitCode };
}

const programs: [string, ...string[]][] = [
  ['cat', 'letters'],
  ['ls', '-l', 'some'],
  ['cp', '-a', 'some', 'other'],
  ['mv', 'letters', 'characters'],
  ['rm', '-r', 'some'],
  ['sort', 'letters'],
  ['dd', 'if=/dev/zero', 'of=zeroes', 'bs=1k', 'count=4', 'status=none'],
  ['grep', '-r', 'o', 'some'],
  ['sed', '-i', 's/a/z/', 'letters'],
  ['awk', '{ print $1 }', 'letters'],
  ['find', '.', '-name', 'one'],
  ['tar', 'czf', 'some.tar.gz', 'some'],
  ['gzip', 'letters'],
  ['xz', 'letters'],
  ['diff', 'letters', 'letters'],
  ['./script.sh'],
  ['bash', '-c', 'ls some | wc -l; echo new > new; cat new'],
  ['sqlite3', 'base', 'create table t (a); insert into t values (1); select * from t'],
  ['python3', '-c', 'import json; print(json.load(open("list.json")))'],
  ['python3', 'pool.py'],
  ['python3', 'threads.py'],
  ['python3', 'server.py', '@port'],
  ['gcc', '-o', 'hello', 'hello.c'],
  ['make', '-s'],
  ['git', 'log', '--format=%s'],
  ['git', 'diff', '--no-index', '--quiet', 'letters', 'letters'],
  ['perl', '-ne', 'print', 'letters'],
  ['openssl', 'dgst', '-sha256', 'letters'],
  ['curl', '-s', '@site'],
  ['wget', '-q', '-O-', '@site'],
];

test.each(programs.map((command) => [command.join(' ').slice(0, 60), command] as const))(
  'learned and held to it: %s',
  { timeout: PROGRAM_MS },
  async (_name, words) => {
    const command = words.map((word) => places.get(word) ?? word);
    const dir = path.join(home, 'work');
    const profile = path.join(home, 'profile.toml');
    const ready = async (): Promise<void> => {
      await layOut(dir);
      if (words[0] === 'git') await withRepository(dir);
    };
    await rm(profile, { force: true });
    await ready();
    const learned = await under(['learn', '-o', profile], command, dir);
    expect(learned).toMatchObject({ exitCode: 0, stderr: '' });
    await ready();
    expect(await under(['run', '-p', profile], command, dir)).toEqual(learned);
    const tightness = /^# Tightness: ([\d.]+) %/m.exec(await readFile(profile, 'utf8'));
    expect(Number(tightness?.[1])).toBeGreaterThanOrEqual(TIGHT);
  },
);

test('there are enough of them to say something', () => {
  expect(new Set(programs.map(([name]) => name)).size).toBeGreaterThanOrEqual(20);
});
