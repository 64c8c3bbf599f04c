import { expect, it } from 'vitest';
import { findSource } from './source-package.ts';

const source = { suite: 'sid', uri: 'http://mirror.example/debian/', keyring: '' };
const hash = (digit: string): string => digit.repeat(64);

function stanza(version: string, files: readonly string[]): string {
  const lines = files.map((file, index) => ` ${hash(String(index + 1))} 1${index} ${file}`);
  const more = 'Directory: pool/main/b/box\nPackage-List: \n box deb utils optional arch=any\n';
  return `Package: box\nVersion: ${version}\nChecksums-Sha256:\n${lines.join('\n')}\n${more}`;
}

const files = (version: string): string[] => [
  `box_${version}-1.dsc`,
  `box_${version}.orig.tar.bz2`,
  `box_${version}.orig.tar.bz2.asc`,
  `box_${version}-1.debian.tar.xz`,
];

it('a source package is found at its newest version, with the hashes of the index', () => {
  const index = Buffer.from([stanza('1:1.9-1', files('1.9')), stanza('1:1.10-1', files('1.10'))].join('\n'));
  const common = { name: 'box', version: '1:1.10-1', suite: 'sid' };
  const uri = (file: string): string => `http://mirror.example/debian/pool/main/b/box/${file}`;
  expect(findSource(index, 'box', source)).toEqual({
    ...{ name: 'box', version: '1:1.10-1' },
    release: { ...common, uri: uri('box_1.10.orig.tar.bz2'), bytes: 11, sha256: hash('2') },
    additions: { ...common, uri: uri('box_1.10-1.debian.tar.xz'), bytes: 13, sha256: hash('4') },
  });
});

it.each([
  ['', 'box', /sid has no source package box/],
  [stanza('1', ['box_1.dsc', 'box_1.tar.xz']), 'box', /has no file like .*orig/],
  ['Package: box\nVersion: 1\nDirectory: pool\n', 'box', /a package without checksums-sha256/],
  [stanza('1', files('1')).replace(hash('2'), 'abc'), 'box', /a file without SHA-256: abc/],
  [stanza('1', ['../../box_1.orig.tar.xz']), 'box', /a file without SHA-256/],
])('an index that lacks something is refused (%#)', (index, name, message) => {
  expect(() => findSource(Buffer.from(index), name, source)).toThrow(message);
});
