import { expect, test } from 'vitest';
import { leaveDelaySlot } from './mips-migration.ts';

/** A stopped CPU that shows these flags, one after each stop; and what it was told. */
function cpu(...flags: string[]) {
  const told: string[] = [];
  let stop = 0;
  const call = (command: string): Promise<unknown> => {
    if (command !== 'human-monitor-command') told.push(command);
    if (command === 'stop') stop++;
    const ds = flags[Math.min(stop, flags.length - 1)];
    return Promise.resolve(
      `\r\nCPU#0\r\npc=0x8019cf60 HI=0x00000000 LO=0xb71b0000 ds ${ds} 8019d718 1\r\nGPR00: r0 00000000\r\n`,
    );
  };
  return { told, call };
}

test('a CPU that stands between instructions is left as it is', async () => {
  const { told, call } = cpu('0090');
  await leaveDelaySlot({ call });
  expect(told).toEqual([]);
});

test.each(['12090', '11090', '1890', '800090'])(
  'a CPU in a delay slot goes on until it is out: %s',
  async (ds) => {
    const { told, call } = cpu(ds, ds, '0090');
    await leaveDelaySlot({ call });
    expect(told).toEqual(['cont', 'stop', 'cont', 'stop']);
  },
);

test('a CPU that never leaves, and one that cannot be read, are the lab’s trouble', async () => {
  await expect(leaveDelaySlot(cpu('12090'))).rejects.toMatchObject({ code: 'in-delay-slot' });
  const call = () => Promise.resolve('PC=8019cf60');
  await expect(leaveDelaySlot({ call })).rejects.toMatchObject({ code: 'qemu-registers' });
});
