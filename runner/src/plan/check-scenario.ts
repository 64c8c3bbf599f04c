import { isDeepStrictEqual } from 'node:util';
import { LANES, USED_BACKENDS } from '../lib/ids.ts';
import {
  comparedBy,
  comparesShapes,
  isAboutWarden,
  limitMs,
  type ScenarioFile,
  scenarioSchema,
  shapesOf,
  underBackend,
} from '../lib/scenario.ts';
import { type Problem, patternProblems } from './check-patterns.ts';

/** The schema of scenario.yaml with what no single key can say; problems carry the path of the key to change. */
export const checkedScenarioSchema = scenarioSchema.superRefine((file, context) => {
  for (const { path, message } of scenarioProblems(file)) context.addIssue({ code: 'custom', path, message });
});

export function scenarioProblems(file: ScenarioFile): Problem[] {
  return [
    ...laneProblems(file),
    ...subjectProblems(file),
    ...flagProblems(file),
    ...shapeProblems(file),
    ...(comparesShapes(file) ? comparisonProblems(file) : []),
    ...fileKeeperProblems(file),
    ...milestoneProblems(file),
    ...(limitMs(file) > 0 ? [] : [{ path: ['limit'], message: 'a schedule needs at least 1s' }]),
    ...patternProblems(file),
  ];
}

type Lane = keyof ScenarioFile['lanes'];

function effective(file: ScenarioFile, lane: Lane) {
  const { warden, hooks, args, sysctl, milestones, capabilities, blocked, watch } = file.lanes[lane];
  return {
    defence: [...warden, ...hooks],
    watch: watch ?? file.watch,
    args,
    sysctl: sysctl ?? file.sysctl,
    milestones: milestones ?? file.milestones,
    capabilities: capabilities ?? file.capabilities,
    blocked: blocked ?? file.blocked,
    shapes: shapesOf(file, lane),
  };
}

/** Three lanes that are not three different questions answer nothing. */
function laneProblems(file: ScenarioFile): Problem[] {
  const [control, guarded, honest] = [
    effective(file, 'control'),
    effective(file, 'guarded'),
    effective(file, 'honest'),
  ];
  const problems: Problem[] = [];
  if (isDeepStrictEqual(control, guarded)) {
    const message = 'is the same as lanes.control: the defence must be on here and off there';
    problems.push({ path: ['lanes', 'guarded'], message });
  }
  if (!isDeepStrictEqual([honest.defence, honest.watch], [guarded.defence, guarded.watch])) {
    const message =
      'must be the flags of lanes.guarded: honest work is to be done under the very same defence';
    problems.push({ path: ['lanes', 'honest', file.subject], message });
  }
  if (isDeepStrictEqual([honest.args, honest.shapes], [guarded.args, guarded.shapes])) {
    const message = 'runs the same attack as lanes.guarded: give it args or shapes that make it honest';
    problems.push({ path: ['lanes', 'honest'], message });
  }
  return problems;
}

/** What belongs to the other subject would be passed over. */
function subjectProblems(file: ScenarioFile): Problem[] {
  const other = isAboutWarden(file) ? 'hooks' : 'warden';
  const problems: Problem[] = LANES.flatMap((lane) =>
    file.lanes[lane][other].length === 0
      ? []
      : [{ path: ['lanes', lane, other], message: `the claim is about the ${file.subject}` }],
  );
  if (isAboutWarden(file)) {
    const ruled = (['policy', 'profile', 'learned'] as const).filter((key) => file[key] !== undefined);
    if (ruled.length === 0) {
      const message = 'needs a `policy` or a `profile` for the warden, or `learned: true`';
      problems.push({ path: [], message });
    }
    for (const key of ruled.slice(1)) {
      problems.push({ path: [key], message: `takes the place of \`${ruled[0]}\`` });
    }
    return problems;
  }
  if (file.policy !== undefined) {
    problems.push({ path: ['policy'], message: 'is the warden’s, and the claim is about the hooks' });
  }
  for (const key of ['profile', 'learned', 'killsWarden'] as const) {
    if (file[key] === undefined) continue;
    problems.push({ path: [key], message: 'is the warden’s, and the claim is about the hooks' });
  }
  if (file.flaw !== undefined) {
    problems.push({ path: ['flaw'], message: 'is one of the warden’s, and the claim is about the hooks' });
  }
  if (comparesShapes(file)) {
    problems.push({ path: ['agreement'], message: 'compares what the warden does, and there is no warden' });
  }
  return problems;
}

const OURS = ['--', '--backend', '--events', '--flaw', '--policy', '--profile', '-p'];

function flagProblems(file: ScenarioFile): Problem[] {
  return (['control', 'guarded', 'honest'] as const).flatMap((lane) =>
    file.lanes[lane].warden.flatMap((flag, index) => {
      const ours = OURS.find((own) => flag === own || (own !== '--' && flag.startsWith(`${own}=`)));
      if (ours === undefined) return [];
      return [{ path: ['lanes', lane, 'warden', index], message: `\`${ours}\` is given by the lab` }];
    }),
  );
}

function shapeProblems(file: ScenarioFile): Problem[] {
  const problems: Problem[] = [];
  const namesOf = (lane: Lane): string[] => Object.keys(shapesOf(file, lane));
  for (const lane of ['control', 'guarded'] as const) {
    // Where shapes are compared each seed is run with all of them.
    const left = comparesShapes(file) ? [] : namesOf(lane).slice(file.schedules[lane]);
    if (left.length > 0) {
      const message = `too few for every shape: ${left.join(', ')} would never run`;
      problems.push({ path: ['schedules', lane], message });
    }
  }
  // A guarded lane may have shapes of its own (a kernel state in which the control lane could not even start), but
  // with none in common the breached control says nothing about the guarded lane.
  if (!namesOf('guarded').some((shape) => namesOf('control').includes(shape))) {
    const message = 'lanes.control runs none of these shapes, so nothing shows that any can breach';
    problems.push({ path: ['lanes', 'guarded', 'shapes'], message });
  }
  for (const backend of USED_BACKENDS) {
    const rest = underBackend(file, backend);
    for (const lane of LANES) {
      if (Object.keys(shapesOf(rest, lane)).length > 0) continue;
      problems.push({
        path: ['shapes'],
        message: `under backend ${backend} lanes.${lane} has no shape left`,
      });
    }
  }
  // JavaScript moves keys that look like numbers to the front, and schedules take shapes in the order written.
  for (const shape of Object.keys(file.shapes).filter((name) => !/^[a-z][a-z0-9-]*$/.test(name))) {
    problems.push({
      path: ['shapes'],
      message: `\`${shape}\`: shapes are named in lower case, such as single-shot`,
    });
  }
  return problems;
}

/** What is compared must be there: in each lane every shape has a backend (under a profile: `files`), and each of those a shape. */
function comparisonProblems(file: ScenarioFile): Problem[] {
  const { key, values } = comparedBy(file);
  return LANES.flatMap((lane) => {
    const at = file.lanes[lane].shapes ? ['lanes', lane, 'shapes'] : ['shapes'];
    const shapes = Object.entries(shapesOf(file, lane));
    const without = shapes.filter(([, shape]) => shape[key] === undefined);
    const unused = values.filter((one) => !shapes.some(([, shape]) => shape[key] === one));
    return [
      ...without.map(([name]) => ({
        path: [...at, name],
        message: `names no \`${key}\`, and \`agreement\` compares them`,
      })),
      ...unused.map((one) => ({ path: at, message: `\`agreement\` compares nothing with ${one}` })),
    ];
  }).filter(
    ({ path }, index, all) => index === all.findIndex((other) => isDeepStrictEqual(other.path, path)),
  );
}

/** Who sees to files is said once, and where there is a profile that says something of them. */
function fileKeeperProblems(file: ScenarioFile): Problem[] {
  return LANES.flatMap((lane) => {
    const at = file.lanes[lane].shapes ? ['lanes', lane, 'shapes'] : ['shapes'];
    const said = Object.entries(shapesOf(file, lane)).filter(([, { files }]) => files !== undefined);
    const twice = said.length > 0 && file.lanes[lane].warden.includes('--files');
    return [
      ...(file.profile === undefined
        ? said.map(([name]) => ({
            path: [...at, name, 'files'],
            message: 'is about a `profile`, and there is none',
          }))
        : []),
      ...(twice ? [{ path: ['lanes', lane, 'warden'], message: '`--files` is given by the shapes' }] : []),
    ];
  }).filter(
    ({ path }, index, all) => index === all.findIndex((other) => isDeepStrictEqual(other.path, path)),
  );
}

/** The agent acts on a milestone when the attack reports an event of this name. */
function milestoneProblems(file: ScenarioFile): Problem[] {
  const tables = [file, ...Object.values(file.lanes), ...Object.values(file.shapes)];
  return tables
    .flatMap(({ milestones }) => Object.keys(milestones ?? {}))
    .filter((name) => !/^[a-z][a-z-]*$/.test(name))
    .map((name) => ({
      path: ['milestones', name],
      message: `\`${name}\` is not the name of an attack event`,
    }));
}
