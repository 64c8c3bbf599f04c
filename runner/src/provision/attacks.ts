import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { allOrFirstFailure } from '../lib/all.ts';
import { LabError } from '../lib/errors.ts';
import type { ScenarioId } from '../lib/ids.ts';
import type { Machine } from '../lib/machines/index.ts';
import type { AttackSource } from '../lib/scenario.ts';
import type { Context } from './context.ts';
import { checkElf } from './elf.ts';
import { make, nativeBinaries, nativeInputs, withSymbols } from './native-build.ts';
import { busy } from './once.ts';
import { sha256OfFile } from './packages.ts';
import { sourceHash } from './source-hash.ts';
import { obtainMade } from './unavailable.ts';

/** The compiler's words, where there is no program: a scenario that does not compile is that scenario's trouble alone. */
export type BuiltAttack = { ok: true; file: string } | { ok: false; message: string };

const PROGRAM = 'attack';
const PART = 'attack.o';
const TABLE = 'table.c';

/** Where a guest has an attack. */
export const attackPath = (id: ScenarioId): string => `/attacks/${id}`;

/** An attack as a program of its own. */
export async function attackProgram(
  context: Context,
  machine: Machine,
  source: AttackSource,
): Promise<BuiltAttack> {
  const built = await attackFolder(context, machine, source);
  return built.ok ? { ok: true, file: path.join(built.dir, PROGRAM) } : built;
}

/**
 * All of these, each once, in one program, which is each of them by the path it is started by; those that do not build
 * are not in it.
 */
export async function attackPrograms(
  context: Context,
  machine: Machine,
  sources: readonly AttackSource[],
): Promise<Map<ScenarioId, BuiltAttack>> {
  const once = new Map(sources.map((source) => [source.id, source]));
  const folders = await allOrFirstFailure(
    [...once.values()].map(async (source) => ({
      id: source.id,
      built: await attackFolder(context, machine, source),
    })),
  );
  const parts = folders.flatMap(({ id, built }) =>
    built.ok ? [{ id, file: path.join(built.dir, PART) }] : [],
  );
  const file = parts.length > 0 ? await joined(context, machine, parts) : '';
  return new Map(folders.map(({ id, built }) => [id, built.ok ? { ok: true, file } : built]));
}

async function attackFolder(
  context: Context,
  machine: Machine,
  source: AttackSource,
): Promise<{ ok: true; dir: string } | { ok: false; message: string }> {
  const inputs = async () => ({
    native: await nativeInputs(context, machine),
    source: await sourceHash(source.dir, (name) => /\.[ch]$/.test(name)),
    attack: source.file,
    name: symbolPrefix(source.id),
  });
  const what = `the attack ${source.id} for ${machine.arch}`;
  try {
    const built = await obtainMade(context, what, 'attack', inputs, (building) =>
      buildAttack(context, machine, source, building),
    );
    return { ok: true, dir: built };
  } catch (error) {
    if (error instanceof LabError && error.code === 'program-failed')
      return { ok: false, message: error.message };
    throw error;
  }
}

async function buildAttack(
  context: Context,
  machine: Machine,
  { id, dir: from, file }: AttackSource,
  dir: string,
): Promise<void> {
  const name = symbolPrefix(id);
  await inScratch(context, machine, dir, async (scratch) => {
    const words = ['attack', `OUT=${scratch}`, `SRC=${path.join(from, file)}`, `NAME=${name}`];
    await busy(context, () => make(context, machine, words));
    const built = path.join(scratch, 'attacks', name);
    await checkElf(built, machine);
    await cp(built, path.join(dir, PROGRAM));
    await cp(`${built}.o`, path.join(dir, PART));
  });
}

interface Part {
  id: ScenarioId;
  file: string;
}

async function joined(context: Context, machine: Machine, parts: readonly Part[]): Promise<string> {
  const hashed = await Promise.all(
    parts.map(async ({ id, file }) => ({ id, part: await sha256OfFile(file) })),
  );
  const inputs = async () => ({ native: await nativeInputs(context, machine), hashed });
  const what = `the attacks for ${machine.arch}`;
  const folder = await obtainMade(context, what, 'attacks', inputs, (dir) =>
    inScratch(context, machine, dir, async (scratch) => {
      const table = path.join(scratch, TABLE);
      await writeFile(table, tableOf(parts));
      const words = [
        'attacks',
        `OUT=${scratch}`,
        `TABLE=${table}`,
        `PARTS=${parts.map(({ file }) => file).join(' ')}`,
      ];
      await busy(context, () => make(context, machine, words));
      const built = path.join(scratch, 'bin/attacks');
      await checkElf(built, machine);
      await cp(built, path.join(dir, PROGRAM));
      await cp(withSymbols(built), withSymbols(path.join(dir, PROGRAM)));
    }),
  );
  return path.join(folder, PROGRAM);
}

/** `attack_entries` of native/kit/attacks.h. */
function tableOf(parts: readonly Part[]): string {
  const main = ({ id }: Part): string => `${symbolPrefix(id)}_main`;
  return [
    '#include "attacks.h"',
    ...parts.map((part) => `int ${main(part)}(int argc, char **argv);`),
    'const struct attack_entry attack_entries[] = {',
    ...parts.map((part) => `\t{ "${attackPath(part.id)}", ${main(part)} },`),
    '\t{ 0, 0 },',
    '};',
    '',
  ].join('\n');
}

/** A name for C: ids have neither capitals nor underscores, so no two become the same. */
const symbolPrefix = (id: ScenarioId): string => `attack_${id.replaceAll('-', '_').replace('/', '_S_')}`;

/** The kit's objects are there already; their times are kept, so that make does not compile them again. */
async function inScratch(
  context: Context,
  machine: Machine,
  dir: string,
  work: (scratch: string) => Promise<void>,
): Promise<void> {
  const scratch = path.join(dir, 'scratch');
  await mkdir(scratch);
  const native = await nativeBinaries(context, machine);
  await cp(path.join(native, 'obj'), path.join(scratch, 'obj'), {
    recursive: true,
    preserveTimestamps: true,
  });
  await work(scratch);
  await rm(scratch, { recursive: true });
}
