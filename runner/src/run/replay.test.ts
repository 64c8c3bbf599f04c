import { expect, test } from 'vitest';
import { differencesOf } from './replay.ts';

const inputs = {
  kernel: 'k',
  initramfs: 'i',
  qemu: '10.0.2',
  args: ['-M', 'virt', '-smp', '1'],
  checkpoint: 5,
};

test('the same inputs do not differ', () => {
  expect(differencesOf(inputs, { ...inputs, args: [...inputs.args] })).toEqual([]);
});

test('each input that differs is named, with what it was and what it is', () => {
  const other = {
    kernel: 'K',
    initramfs: 'I',
    qemu: '9.2.0',
    args: ['-M', 'virt', '-smp', '2'],
    checkpoint: 6,
  };
  expect(differencesOf(inputs, other)).toEqual([
    { input: 'kernel', was: 'k', is: 'K' },
    { input: expect.stringContaining('initramfs'), was: 'i', is: 'I' },
    { input: 'QEMU', was: '10.0.2', is: '9.2.0' },
    { input: 'way to make a checkpoint', was: '5', is: '6' },
    { input: "QEMU's argument 4", was: '1', is: '2' },
  ]);
  expect(differencesOf(inputs, { ...inputs, args: ['-M'] })).toEqual([
    { input: "QEMU's arguments", was: '-M virt -smp 1', is: '-M' },
  ]);
});
