import { expect, it } from 'vitest';
import { pace } from './objects.ts';

it('a build tells how far it is, from what was compiled before and the pace since', () => {
  let clock = 0;
  const shown: string[] = [];
  const counter = pace({ before: 100, total: 400, now: () => clock, show: (text) => void shown.push(text) });
  for (let i = 0; i < 100; i += 1) {
    clock += 1000;
    counter.line(`  CC      kernel/file${i}.o`);
    counter.line('  AR      kernel/built-in.a');
    counter.line('kernel/file.c:1: warning: .o');
  }
  expect(shown).toHaveLength(50);
  expect(shown[0]).toBe('25 % of about 400 files, about 4 min left');
  expect(shown.at(-1)).toBe('49 % of about 400 files, about 3 min left');
  for (let i = 0; i < 210; i += 1) {
    clock += 1000;
    counter.line(`  CC [M]  drivers/file${i}.o`);
  }
  // The guess was too low; nothing is said of what is left.
  expect(shown.at(-1)).toBe('409 files');
});
