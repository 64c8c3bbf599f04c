import { expect, test } from 'vitest';
import { savedField } from './saved-state.ts';

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const FIELDS = [
  { name: 'first', size: 4, type: 'uint32' },
  { name: 'many', size: 2, array_len: 3, type: 'uint16' },
  { name: 'last', size: 4, type: 'uint32' },
];

/** A device `cpu` as QEMU writes it, behind another whose bytes look like its name. */
function saved({ fields = FIELDS, devices = ['cpu'], more = word(0).subarray(4) } = {}): Buffer {
  const description = {
    configuration: {},
    devices: devices.map((name) => ({ name, instance_id: 0, version: 21, fields })),
  };
  const json = Buffer.from(JSON.stringify(description));
  const header = Buffer.concat([Buffer.from('\x03cpu'), word(0), word(21)]);
  return Buffer.concat([
    Buffer.from('QEVM'),
    header,
    Buffer.from([4]),
    word(7),
    header,
    word(0x11111111),
    Buffer.from('aabbcc'),
    word(0x22222222),
    more,
    Buffer.from([0x7e]),
    word(7),
    Buffer.from([0x06]),
    word(json.length),
    json,
  ]);
}

test('a field is found behind others, and written in place', () => {
  const state = saved();
  const field = savedField(state, 'cpu', 'last');
  expect(field.readUInt32BE()).toBe(0x22222222);
  field.writeUInt32BE(3);
  expect(savedField(state, 'cpu', 'last').readUInt32BE()).toBe(3);
  expect(savedField(state, 'cpu', 'many').toString()).toBe('aabbcc');
});

test.each([
  ['a device that is not there', saved(), 'rtc', 'last', /holds 0 devices `rtc`/],
  ['one that is there twice', saved({ devices: ['cpu', 'cpu'] }), 'cpu', 'last', /holds 2 devices `cpu`/],
  ['a field that is not there', saved(), 'cpu', 'none', /`cpu` has no `none`/],
  ['bytes that are not described', saved({ more: word(1) }), 'cpu', 'last', /not as long as/],
  ['two places that could be it', Buffer.concat([saved(), saved()]), 'cpu', 'last', /begins at 2 places/],
  ['no description', saved().subarray(0, -1), 'cpu', 'last', /nothing describes it/],
  ['nothing', Buffer.alloc(0), 'cpu', 'last', /nothing describes it/],
])('%s is said, never guessed', (_, state, device, field, message) => {
  expect(() => savedField(state, device, field)).toThrow(
    expect.objectContaining({ code: 'checkpoint-form', message: expect.stringMatching(message) }),
  );
});
