import { lstat, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { applyEdit, applyEdits } from './edits.ts';
import { writeFiles } from './testing.ts';

const edit = { file: 'a.c', find: 'old', replace: '$& new', why: 'a test' };

it.each([
  ['nothing', 0],
  ['old old', 2],
])('`%s` has what is to be replaced not once, and is refused', (text, count) => {
  expect(() => applyEdit(text, edit)).toThrow(
    new RegExp(`changes a\\.c \\(a test\\).*\`old\`.*not ${count} times`),
  );
});

it('what is there once is replaced, by the very words', () => {
  expect(applyEdit('an old line\n', edit)).toBe('an $& new line\n');
});

it('a changed file is a copy; the tree that the link led to stays as it is', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'pf-edits-'));
  try {
    await writeFiles(path.join(dir, 'tree'), { 'a.c': 'old and older\n'.replace('older', 'grey') });
    await writeFiles(path.join(dir, 'farm'), { 'b.c': '' });
    await symlink(path.join(dir, 'tree/a.c'), path.join(dir, 'farm/a.c'));
    const second = { ...edit, find: 'grey', replace: 'green' };
    await applyEdits(path.join(dir, 'farm'), [edit, second]);
    expect(await readFile(path.join(dir, 'farm/a.c'), 'utf8')).toBe('$& new and green\n');
    expect((await lstat(path.join(dir, 'farm/a.c'))).isFile()).toBe(true);
    expect(await readFile(path.join(dir, 'tree/a.c'), 'utf8')).toBe('old and grey\n');
    await expect(applyEdits(path.join(dir, 'farm'), [{ ...edit, file: 'none.c' }])).rejects.toThrow(
      /changes none\.c, and the kernel’s tree has no such file/,
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
