import { expect, it } from 'vitest';
import { findPackage } from './apt.ts';
import { dependenciesOf, parseStanzas } from './control-file.ts';
import { relocate } from './header-tree.ts';

const stanza = (name: string, version: string, more = ''): string =>
  `Package: ${name}\nVersion: ${version}\n${more}Filename: pool/${name}_${version}.deb\nSize: 12\nSHA256: ${'A'.repeat(64)}\n`;

const source = { suite: 'sid', uri: 'http://mirror.example/debian', keyring: '' };

it('a package is found by its whole name, at its newest version', () => {
  const index = Buffer.from(
    [
      stanza('linux-image', '1'),
      stanza('image', '6.1.9-1'),
      stanza('image', '6.1.10-1'),
      stanza('image-rt', '9'),
    ].join('\n'),
  );
  expect(findPackage(index, 'image', source)?.deb).toEqual({
    ...{ name: 'image', version: '6.1.10-1', suite: 'sid', bytes: 12, sha256: 'a'.repeat(64) },
    uri: 'http://mirror.example/debian/pool/image_6.1.10-1.deb',
  });
  expect(findPackage(index, 'imag', source)).toBeUndefined();
  expect(findPackage(Buffer.alloc(0), 'image', source)).toBeUndefined();
});

it('an index without a hash is refused', () => {
  const index = Buffer.from('Package: p\nVersion: 1\nFilename: f\nSize: 1\n');
  expect(() => findPackage(index, 'p', source)).toThrow(/has a package without sha256/);
});

it('of alternatives the first is meant, and versions and arches are left out', () => {
  const [found] = parseStanzas('Package: p\nPre-Depends: a:any\nDepends: b (>= 1), c | d,\n e [arm]\n');
  expect(found && dependenciesOf(found)).toEqual(['a', 'b', 'c', 'e']);
});

it('a header tree finds its neighbour wherever it was unpacked', () => {
  expect(relocate('include /usr/src/linux-headers-6.1.0-50-common/Makefile\n')).toBe(
    'include ../linux-headers-6.1.0-50-common/Makefile\n',
  );
});
