import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { checkOn, describePolicy, encodeImage, readPolicy } from '../../lib/filter/index.ts';
import { ARCHES } from '../../lib/ids.ts';
import { oneOf, parseList, selectNames } from '../../plan/index.ts';
import { printable } from '../../report/index.ts';
import { type CommandContext, EXIT } from '../context.ts';

/** Says what becomes of each rule of a policy file. */
export async function policyCheck(
  file: string,
  flags: { arch?: string[] },
  { cwd, stdout, stderr }: CommandContext,
): Promise<number> {
  const arches = selectNames('arch', flags.arch ? parseList('--arch', flags.arch) : ['*'], ARCHES);
  const placed = await readPolicy(path.resolve(cwd, file));
  const warnings = new Set<string>();
  for (const policy of checkOn(placed, arches).values()) {
    for (const line of describePolicy(policy)) stdout.write(`${printable(line)}\n`);
    for (const warning of placed.describe(policy.warnings)) warnings.add(warning);
  }
  for (const warning of warnings) stderr.write(`warning: ${printable(warning)}\n`);
  return EXIT.asExpected;
}

/** Writes the image that `warden run --policy` takes. */
export async function policyCompile(
  file: string,
  flags: { arch: string; out: string },
  { cwd, stdout }: CommandContext,
): Promise<number> {
  const arch = oneOf('arch', flags.arch, ARCHES);
  const placed = await readPolicy(path.resolve(cwd, file));
  const policy = checkOn(placed, [arch]).get(arch);
  if (!policy) throw new Error(`${arch} was checked and is not there`);
  const image = encodeImage(policy);
  const out = path.resolve(cwd, flags.out);
  await writeFile(out, image).catch((cause: unknown) => {
    throw new UserError(`${out}: cannot be written`, { code: 'unwritable-file', cause });
  });
  stdout.write(`${image.length} bytes for ${arch} in ${printable(out)}\n`);
  return EXIT.asExpected;
}
