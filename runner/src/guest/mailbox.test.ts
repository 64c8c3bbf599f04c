import { expect, it } from 'vitest';
import { mailboxBytes } from './mailbox.ts';

/** The same job and the same golden bytes stand in native/agent/test/agent_test.c. */
const job = [
  '{"v":1,"lane":"control","seed":"7","limitMs":60000,"truth":true,',
  '"sysctl":{"kernel/yama/ptrace_scope":"0"},',
  '"milestones":{"armed":{"kernel/yama/ptrace_scope":"3"}},',
  String.raw`"argv":["/bin/warden","--","\u00ff"],"env":[]}`,
].join('');
const GOLDEN = 'd00000008950994f';

it('the length and the checksum of a job are little-endian', () => {
  const bytes = mailboxBytes(Buffer.from(job, 'latin1'));
  expect(bytes.subarray(0, 8).toString('hex')).toBe(GOLDEN);
  expect(bytes.subarray(8).toString('latin1')).toBe(job);
});
