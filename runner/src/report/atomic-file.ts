import { LabError } from '../lib/errors.ts';
import { replaceFile } from '../lib/replace-file.ts';

/** Puts a file of the report in its place, whole or not at all. */
export async function writeAtomically(file: string, text: string): Promise<void> {
  try {
    await replaceFile(file, text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LabError(`${file} cannot be written: ${why}`, {
      code: 'report-unwritable',
      hint: '--out DIR puts the run elsewhere',
      cause,
    });
  }
}
