import { expect, it } from 'vitest';
import { type CpioEntry, writeCpio } from './cpio.ts';

interface Member {
  path: string;
  mode: number;
  content: string;
  mtime: number;
  device: [number, number];
  inode: number;
  links: number;
}

/** A reader of its own, after the kernel's init/initramfs.c: it trusts the header's numbers and nothing else. */
function readCpio(archive: Buffer): Member[] {
  const members: Member[] = [];
  for (let at = 0; at < archive.length; ) {
    expect(at % 4).toBe(0);
    expect(archive.toString('latin1', at, at + 6)).toBe('070701');
    const field = (index: number): number =>
      Number.parseInt(archive.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
    const nameEnd = at + 110 + field(11);
    expect(archive[nameEnd - 1]).toBe(0);
    const path = archive.toString('utf8', at + 110, nameEnd - 1);
    const start = Math.ceil(nameEnd / 4) * 4;
    const end = start + field(6);
    const content = archive.toString('latin1', start, end);
    const device: Member['device'] = [field(9), field(10)];
    members.push({
      path,
      mode: field(1),
      content,
      mtime: field(5),
      device,
      inode: field(0),
      links: field(4),
    });
    at = Math.ceil(end / 4) * 4;
  }
  return members;
}

const file = (path: string, content: string): CpioEntry => ({
  ...{ kind: 'file', path, mode: 0o644 },
  content: Buffer.from(content),
});

it('each kind of entry comes out as it went in, and the trailer is last', () => {
  const entries: CpioEntry[] = [
    { kind: 'dir', path: 'dev', mode: 0o755 },
    { kind: 'device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
    { kind: 'link', path: 'sh', target: 'bin/busybox' },
    file('init', 'program'),
  ];
  expect(readCpio(writeCpio(entries))).toMatchObject([
    { path: 'dev', mode: 0o40755, content: '', mtime: 0, device: [0, 0] },
    { path: 'dev/console', mode: 0o20600, content: '', mtime: 0, device: [5, 1] },
    { path: 'sh', mode: 0o120777, content: 'bin/busybox', mtime: 0, device: [0, 0] },
    { path: 'init', mode: 0o100644, content: 'program', mtime: 0, device: [0, 0] },
    { path: 'TRAILER!!!', mode: 0, content: '', mtime: 0, device: [0, 0] },
  ]);
});

it('names and contents of every length are padded', () => {
  const entries = Array.from({ length: 9 }, (_, n) => file('n'.repeat(n + 1), 'c'.repeat(n)));
  const members = readCpio(writeCpio(entries)).slice(0, -1);
  expect(members.map(({ path, content }) => [path.length, content.length])).toEqual(
    entries.map((_, n) => [n + 1, n]),
  );
});

it('a name beyond ASCII keeps its bytes', () => {
  expect(readCpio(writeCpio([file('größe', 'x')]))[0]).toMatchObject({ path: 'größe', content: 'x' });
});

it('what holds the same object is one file under several names', () => {
  const shared = Buffer.from('program');
  const name = (path: string): CpioEntry => ({ kind: 'file', path, mode: 0o755, content: shared });
  const archive = writeCpio([name('a'), file('b', 'other'), name('c'), file('d', 'program')]);
  const [a, b, c, d] = readCpio(archive);
  expect([a, b, c, d].map((member) => member?.content)).toEqual(['program', 'other', '', 'program']);
  expect([a, b, c, d].map((member) => member?.links)).toEqual([2, 1, 2, 1]);
  expect(c?.inode).toBe(a?.inode);
  expect(new Set([a, b, d].map((member) => member?.inode)).size).toBe(3);
});

it('the same entries give the same bytes', () => {
  const entries = [file('a', '1'), file('b', '2')];
  expect(writeCpio(entries).equals(writeCpio(structuredClone(entries)))).toBe(true);
});

it('what the kernel would skip or unpack elsewhere is refused', () => {
  expect(() => writeCpio([file('no/folder', '')])).toThrow(/before the folder no/);
  expect(() => writeCpio([file('twice', ''), file('twice', '')])).toThrow(/twice/);
  for (const path of ['', '/abs', '../up', 'a//b', './a'])
    expect(() => writeCpio([file(path, '')])).toThrow(RangeError);
});
