import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../lib/errors.ts';
import {
  checkOn,
  PERMISSIVE,
  type PlacedPolicy,
  type Policy,
  placePolicy,
  readPolicy,
} from '../lib/filter/index.ts';
import { checkHooksOn } from '../lib/hooks/index.ts';
import { type ScenarioId, scenarioIdSchema } from '../lib/ids.ts';
import {
  type AttackSource,
  isAboutWarden,
  type Scenario,
  type ScenarioFile,
  watchesOf,
} from '../lib/scenario.ts';
import { type PlacedYaml, readPlacedYaml } from '../lib/yaml-file.ts';
import { checkedScenarioSchema } from './check-scenario.ts';

const FILE = 'scenario.yaml';

/** All scenarios of the folders, sorted by id. Each folder holds family/name/scenario.yaml, or one family's names. */
export async function loadScenarios(dirs: readonly string[]): Promise<Scenario[]> {
  const found = new Map<ScenarioId, OwnPart>();
  for (const dir of new Set(dirs.map((given) => path.resolve(given)))) {
    for (const place of await placesIn(dir)) {
      const scenario = await loadScenario(place);
      const other = found.get(scenario.id);
      if (other) throw duplicate(scenario, other);
      found.set(scenario.id, scenario);
    }
  }
  return [...found.values()]
    .map((scenario) => ({ ...scenario, attack: attackOf(scenario, found) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** What a scenario's own folder says. */
type OwnPart = Omit<Scenario, 'attack'> & Pick<ScenarioFile, 'attack'>;

const isNameOfScenario = (attack: ScenarioFile['attack']): attack is ScenarioId => attack.includes('/');

/** One that names another scenario has its attack. */
function attackOf({ id, dir, attack }: OwnPart, all: ReadonlyMap<ScenarioId, OwnPart>): AttackSource {
  if (!isNameOfScenario(attack)) return { id, dir, file: attack };
  const other = all.get(attack);
  if (other && !isNameOfScenario(other.attack)) return { id: other.id, dir: other.dir, file: other.attack };
  const why = other ? `has that of ${other.attack}` : 'is not there';
  throw new UserError(`${path.join(dir, FILE)}: attack: the scenario ${attack} ${why}`, {
    code: 'no-attack-file',
    hint: 'name a scenario that has a C file of its own',
  });
}

interface Place {
  family: string;
  name: string;
  dir: string;
}

async function placesIn(dir: string): Promise<Place[]> {
  const names = await foldersIn(dir);
  if (await isFile(path.join(dir, FILE))) {
    throw new UserError(`${dir} is a scenario itself, not a folder of scenarios`, {
      code: 'not-a-scenario-folder',
      hint: `give the folder of its family: --scenarios ${path.dirname(dir)}`,
    });
  }
  const own = await Promise.all(names.map((name) => isFile(path.join(dir, name, FILE))));
  const places = own.some(Boolean) ? familyPlaces(dir, names) : await folderPlaces(dir, names);
  if (places.length > 0) return places;
  throw new UserError(`${dir} holds no scenario`, {
    code: 'no-scenarios',
    hint: `a scenario is a folder family/name with a ${FILE} in it`,
  });
}

function familyPlaces(dir: string, names: readonly string[]): Place[] {
  return names.map((name) => ({ family: path.basename(dir), name, dir: path.join(dir, name) }));
}

async function folderPlaces(dir: string, families: readonly string[]): Promise<Place[]> {
  const places = families.map(async (family) => {
    const below = path.join(dir, family);
    return familyPlaces(below, await foldersIn(below));
  });
  return (await Promise.all(places)).flat();
}

/** Folders whose names start with a dot or an underscore are somebody's own. */
async function foldersIn(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    const kept = await Promise.all(
      entries.map(async (entry) => !/^[._]/.test(entry.name) && (await isFolder(path.join(dir, entry.name)))),
    );
    return entries
      .filter((_, index) => kept[index])
      .map((entry) => entry.name)
      .sort();
  } catch (cause) {
    throw new UserError(`${dir}: the folder of scenarios cannot be read`, {
      code: 'unreadable-folder',
      cause,
    });
  }
}

async function loadScenario({ family, name, dir }: Place): Promise<OwnPart> {
  const id = scenarioIdSchema.safeParse(`${family}/${name}`);
  if (!id.success) {
    const why = id.error.issues.map((issue) => issue.message).join('; ');
    throw new UserError(`${dir}: ${why}`, { code: 'bad-scenario-name' });
  }
  // A folder without the file (or with scenario.yml) is not passed over: its claim would vanish without a word.
  const file = path.join(dir, FILE);
  const yaml = await readPlacedYaml(file, checkedScenarioSchema);
  const parsed = yaml.value;
  if (!isNameOfScenario(parsed.attack) && !(await isFile(path.join(dir, parsed.attack)))) {
    throw new UserError(`${file}: there is no ${parsed.attack} beside it`, { code: 'no-attack-file' });
  }
  for (const { path: key, hooks } of watchesOf(parsed)) checkHooksOn(yaml, hooks, key);
  const ruled = isAboutWarden(parsed) && parsed.policy !== undefined;
  const policy = ruled ? await checkedPolicy(yaml, dir) : PERMISSIVE;
  return { ...parsed, policy, profile: await profileOf(parsed, file, dir), id: id.data, dir };
}

/** Its text; the warden checks it, and says line and column. */
async function profileOf({ profile }: ScenarioFile, file: string, dir: string): Promise<string | undefined> {
  if (profile === undefined) return undefined;
  return await readFile(path.join(dir, profile), 'utf8').catch((cause: unknown) => {
    throw new UserError(`${file}: there is no ${profile} beside it`, { code: 'no-profile-file', cause });
  });
}

async function checkedPolicy(yaml: PlacedYaml<ScenarioFile>, dir: string): Promise<Policy> {
  const placed = await policyOf(yaml, dir);
  checkOn(placed);
  return placed.policy;
}

/** It stands in the scenario itself, or in a file beside it that several may share. */
async function policyOf(yaml: PlacedYaml<ScenarioFile>, dir: string): Promise<PlacedPolicy> {
  const { policy = PERMISSIVE } = yaml.value; // the schema has seen to it that there is one
  return typeof policy === 'string'
    ? readPolicy(path.resolve(dir, policy))
    : placePolicy(yaml, policy, ['policy']);
}

function duplicate(scenario: OwnPart, other: OwnPart): UserError {
  return new UserError(`${scenario.id} is there twice: in ${other.dir} and in ${scenario.dir}`, {
    code: 'duplicate-scenario',
    hint: 'rename one of the two folders',
  });
}

const isFile = (file: string): Promise<boolean> => stat(file).then((found) => found.isFile(), absent);

const isFolder = (file: string): Promise<boolean> => stat(file).then((found) => found.isDirectory(), absent);

/** What cannot be asked about is not the same as what is not there. */
function absent(cause: NodeJS.ErrnoException): false {
  if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return false;
  throw new UserError(`${cause.path}: cannot be read`, { code: 'unreadable-file', cause });
}
