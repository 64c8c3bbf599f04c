import { z } from 'zod';
import { LabError } from '../lib/errors.ts';

/**
 * The devices of a guest as QEMU saves them: big-endian fields one after the other, and behind them a description of all
 * of them in JSON (migration/savevm.c and migration/vmstate.c of QEMU).
 */
const descriptionSchema = z.object({
  devices: z.array(
    z.object({
      name: z.string(),
      instance_id: z.number().int(),
      version: z.number().int().optional(),
      /** Of an array whose elements are alike there is one, `size` bytes each. */
      fields: z
        .array(z.object({ name: z.string(), size: z.number().int(), array_len: z.number().int().default(1) }))
        .default([]),
    }),
  ),
});

/** Bytes of migration/savevm.c: a whole device begins, ends, has more parts; the description begins. */
const SECTION_FULL = 0x04;
const SECTION_FOOTER = 0x7e;
const SUBSECTION = 0x05;
const DESCRIPTION = 0x06;
/** What stands before a device's name: SECTION_FULL and the section's number. */
const BEFORE_NAME = 5;

/** The bytes of one field of one device, to be read and written in place. */
export function savedField(state: Buffer, device: string, field: string): Buffer {
  const described = descriptionOf(state).devices.filter(({ name }) => name === device);
  const [only] = described;
  if (!only || described.length > 1) throw otherForm(`it holds ${described.length} devices \`${device}\``);
  const { fields } = only;
  const place = fields.findIndex(({ name }) => name === field);
  const found = fields[place];
  if (!found) throw otherForm(`its \`${device}\` has no \`${field}\``);
  const start = dataOf(state, only);
  const end = start + bytesOf(fields);
  // Where the description is true, something else begins behind the fields.
  if (state[end] !== SECTION_FOOTER && state[end] !== SUBSECTION) {
    throw otherForm(`its \`${device}\` is not as long as its description says`);
  }
  const at = start + bytesOf(fields.slice(0, place));
  return state.subarray(at, at + bytesOf([found]));
}

const bytesOf = (fields: readonly { size: number; array_len: number }[]): number =>
  fields.reduce((sum, { size, array_len }) => sum + size * array_len, 0);

function dataOf(
  state: Buffer,
  { name, instance_id, version = 0 }: { name: string; instance_id: number; version?: number | undefined },
): number {
  const header = Buffer.alloc(1 + name.length + 8);
  header.writeUInt8(name.length);
  header.write(name, 1, 'latin1');
  header.writeUInt32BE(instance_id, 1 + name.length);
  header.writeUInt32BE(version, 1 + name.length + 4);
  const starts: number[] = [];
  for (let at = state.indexOf(header); at >= 0; at = state.indexOf(header, at + 1)) {
    if (state[at - BEFORE_NAME] === SECTION_FULL) starts.push(at + header.length);
  }
  const [start] = starts;
  if (start === undefined || starts.length > 1) {
    throw otherForm(`\`${name}\` begins at ${starts.length} places of it`);
  }
  return start;
}

/** It is the last thing that is saved, and its length stands before it. */
function descriptionOf(state: Buffer): z.infer<typeof descriptionSchema> {
  for (let at = state.lastIndexOf(DESCRIPTION); at >= 0; at = state.lastIndexOf(DESCRIPTION, at - 1)) {
    const start = at + 5;
    if (start <= state.length && state.readUInt32BE(at + 1) === state.length - start) {
      return descriptionSchema.parse(JSON.parse(state.toString('utf8', start)));
    }
    if (at === 0) break;
  }
  throw otherForm('nothing describes it');
}

export const otherForm = (why: string): LabError =>
  new LabError(`QEMU has saved the guest in another form than it did: ${why}`, { code: 'checkpoint-form' });
