import { expect, it } from 'vitest';
import { elfSection, parseElfHeader } from './elf.ts';
import { loadOrder, moduleOfFile, parseModinfo } from './modinfo.ts';

/** The smallest ELF file with the named section in it, of either width and byte order. */
function elfWith(name: string, content: Buffer, { bits = 64, bigEndian = false, machine = 62 } = {}): Buffer {
  const wide = bits === 64;
  const names = Buffer.from(`\0${name}\0.shstrtab\0`);
  const headerBytes = wide ? 64 : 52;
  const entryBytes = wide ? 64 : 40;
  const table = headerBytes + content.length + names.length;
  const file = Buffer.alloc(table + 3 * entryBytes);
  const u16 = (at: number, value: number) =>
    bigEndian ? file.writeUInt16BE(value, at) : file.writeUInt16LE(value, at);
  const u32 = (at: number, value: number) =>
    bigEndian ? file.writeUInt32BE(value, at) : file.writeUInt32LE(value, at);
  const word = (at: number, value: number) => u32(wide && bigEndian ? at + 4 : at, value);
  file.write('\x7fELF', 'latin1');
  file.set([wide ? 2 : 1, bigEndian ? 2 : 1, 1], 4);
  u16(18, machine);
  word(wide ? 40 : 32, table);
  u16(wide ? 58 : 46, entryBytes);
  u16(wide ? 60 : 48, 3);
  u16(wide ? 62 : 50, 2);
  content.copy(file, headerBytes);
  names.copy(file, headerBytes + content.length);
  const section = (index: number, nameAt: number, offset: number, size: number) => {
    const at = table + index * entryBytes;
    u32(at, nameAt);
    word(at + (wide ? 24 : 16), offset);
    word(at + (wide ? 32 : 20), size);
  };
  section(1, 1, headerBytes, content.length);
  section(2, names.indexOf('.shstrtab'), headerBytes + content.length, names.length);
  return file;
}

const INFO = Buffer.from(
  'license=GPL\0depends=net_failover,virtio-ring\0name=virtio_net\0vermagic=6.1.0 SMP\0',
);

it.each([
  { bits: 64, bigEndian: false, machine: 62 },
  { bits: 32, bigEndian: false, machine: 8 },
  { bits: 32, bigEndian: true, machine: 8 },
  { bits: 64, bigEndian: true, machine: 22 },
])('a module of $bits bit, big-endian $bigEndian, says what it depends on', (kind) => {
  const module = elfWith('.modinfo', INFO, kind);
  expect(parseElfHeader(module)).toEqual(kind);
  expect(parseModinfo(module)).toEqual({
    name: 'virtio_net',
    depends: ['net_failover', 'virtio_ring'],
    vermagic: '6.1.0 SMP',
  });
});

it('what is no module, or is cut short, has no module information', () => {
  expect(parseModinfo(Buffer.from('#!/bin/sh\n and then some more text'))).toBeUndefined();
  expect(parseModinfo(elfWith('.other', INFO))).toBeUndefined();
  const module = elfWith('.modinfo', INFO);
  for (const length of [0, 4, 19, 30, 70, module.length - 70]) {
    expect(parseModinfo(module.subarray(0, length))).toBeUndefined();
  }
  expect(elfSection(Buffer.alloc(0), '.modinfo')).toBeUndefined();
});

it('a module is known by its file, whatever it is packed with', () => {
  expect(moduleOfFile('./lib/modules/6.1/kernel/drivers/net/virtio-net.ko.xz')).toBe('virtio_net');
  expect(moduleOfFile('pcnet32.ko')).toBe('pcnet32');
  expect(moduleOfFile('modules.builtin')).toBeUndefined();
});

it('dependencies are loaded first, and each module once', () => {
  const depends: Record<string, string[]> = { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] };
  expect(loadOrder(['a', 'c'], (name) => depends[name] ?? [])).toEqual(['d', 'b', 'c', 'a']);
});

it('modules that depend on each other end in some order instead of never', () => {
  const depends: Record<string, string[]> = { a: ['b'], b: ['a'] };
  expect(loadOrder(['a'], (name) => depends[name] ?? [])).toEqual(['b', 'a']);
});
