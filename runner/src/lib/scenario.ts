import { z } from 'zod';
import { SOURCES } from './events.ts';
import { type Policy, policySchema } from './filter/policy-schema.ts';
import { type Hook, hooksSchema } from './hooks/index.ts';
import {
  type Backend,
  FILE_KEEPERS,
  LANES,
  type Lane,
  type ScenarioId,
  scenarioIdSchema,
  USED_BACKENDS,
  type UsedBackend,
} from './ids.ts';
import { BLOCKABLE, CAPABILITIES } from './job.ts';

/** The schema of scenario.yaml. docs/formats.md says what each key means. */

/** What a claim can be about. */
export const SUBJECTS = ['warden', 'hooks'] as const;

/** Bugs that can be planted in the warden; native/warden/flaws.h says what each is. */
export const FLAWS = ['early-detach', 'untraced', 'single-pass'] as const;
export type Flaw = (typeof FLAWS)[number];

const words = z.array(z.string());
const sysctl = z.record(z.string().regex(/^[a-z0-9_]+(\/[a-z0-9_.-]+)+$/), z.string());
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const source = z.enum(SOURCES);

const patternSchema = z.strictObject({
  from: source,
  event: z.string(),
  where: z.record(z.string(), scalar).default({}),
});

const breachSchema = patternSchema.extend({
  unless: patternSchema
    .extend({ same: z.literal('pid').optional(), earlier: z.boolean().default(false) })
    .optional(),
});

/** What a shape or a lane may have of its own. */
const surroundings = {
  sysctl: sysctl.optional(),
  milestones: z.record(z.string(), sysctl).optional(),
  capabilities: z.array(z.enum(CAPABILITIES)).optional(),
  blocked: z.array(z.enum(BLOCKABLE)).optional(),
  watch: hooksSchema.optional(),
};

const longShapeSchema = z.strictObject({
  args: words,
  /** Only under this backend, under the other the shape is no attack at all; with `agreement` it is run under it. */
  backend: z.enum(USED_BACKENDS).optional(),
  /** Who sees to files, of those who can hold anybody to a `profile`; with `agreement` there. */
  files: z.enum(FILE_KEEPERS).optional(),
  ...surroundings,
});

/** A bare list of words is short for `{ args }`. */
const shapeSchema = z.union([
  words.transform((args): z.infer<typeof longShapeSchema> => ({ args })),
  longShapeSchema,
]);

const shapesSchema = z
  .record(z.string(), shapeSchema)
  .refine((shapes) => Object.keys(shapes).length > 0, 'at least one shape');

const laneSchema = z.strictObject({
  /** Flags of what is to hold: of the warden, or of the attack's session with the hooks. */
  warden: words.default([]),
  hooks: words.default([]),
  args: words.default([]),
  ...surroundings,
  shapes: shapesSchema.optional(),
});

/** A feature of the `ready` event; with `backend` it is needed under that one only. */
const needSchema = z.union([
  z.string(),
  z.strictObject({ feature: z.string(), backend: z.enum(USED_BACKENDS) }),
]);

const perLane = z.strictObject({
  control: z.number().int().positive(),
  guarded: z.number().int().positive(),
  honest: z.number().int().positive(),
});

export const scenarioSchema = z.strictObject({
  claim: z.string().min(1),
  attack: z.union(
    [z.string().regex(/^[A-Za-z0-9_.-]+\.c$/), scenarioIdSchema],
    'the name of a C file beside scenario.yaml, or the scenario whose attack it is',
  ),
  /** Whose claim it is. That of the hooks is attacked by root, under no warden. */
  subject: z.enum(SUBJECTS).default('warden'),
  /** What the warden of the guarded and the honest lane has wrong with it; that of the control lane is the ordinary one. */
  flaw: z.enum(FLAWS).optional(),
  needs: z.array(needSchema).default([]),
  policy: z.union([z.string().min(1), policySchema], 'a policy, or the name of a file with one').optional(),
  /** In place of a policy, the name of a profile's file (docs/learn.md): what the warden holds the attack to. */
  profile: z.string().min(1).optional(),
  /** In place of both: `warden learn` watches the attack once and then runs it again, held to what was learned. */
  learned: z.literal(true).optional(),
  /** The attack may kill its warden: that one ends by SIGKILL is no failure of its own. */
  killsWarden: z.literal(true).optional(),
  sysctl: sysctl.default({}),
  milestones: z.record(z.string(), sysctl).default({}),
  capabilities: z.array(z.enum(CAPABILITIES)).default([]),
  blocked: z.array(z.enum(BLOCKABLE)).default([]),
  /** Hooks that are there while the attack runs; what they tell are events from `hooks`. */
  watch: hooksSchema.default([]),
  shapes: shapesSchema,
  lanes: z.strictObject({ control: laneSchema, guarded: laneSchema, honest: laneSchema }),
  schedules: perLane,
  trials: perLane,
  limit: z.string().regex(/^\d+s$/, 'guest time in whole seconds, such as 60s'),
  breach: z.array(breachSchema).default([]),
  /** Events in which all shapes of one seed must be the same. */
  agreement: z.array(patternSchema).default([]),
  work: patternSchema,
  alive: z.array(patternSchema).min(1),
});

export type ScenarioFile = z.infer<typeof scenarioSchema>;
export type Pattern = z.infer<typeof patternSchema>;
export type BreachPattern = z.infer<typeof breachSchema>;
/** Of its surroundings (`sysctl` and so on) the shape's own wins over the lane's, the lane's over the scenario's; nothing is merged. */
export type Shape = z.infer<typeof shapeSchema>;
export type PerLane = z.infer<typeof perLane>;

/** What an attack is made of: a C file, and the headers beside it. */
export interface AttackSource {
  /** Whose it is: several scenarios may have one attack. */
  id: ScenarioId;
  /** Absolute. */
  dir: string;
  file: string;
}

export interface Scenario extends Omit<ScenarioFile, 'policy' | 'profile' | 'attack'> {
  attack: AttackSource;
  /** Everything is allowed where there is a profile. */
  policy: Policy;
  /** The text of the profile. */
  profile?: string | undefined;
  id: ScenarioId;
  /** Absolute folder that holds scenario.yaml. */
  dir: string;
}

/** What `auto` comes to on a kernel with these features, as the warden finds out for itself. */
export function usedBackend(asked: Backend, features: Readonly<Record<string, number>>): UsedBackend {
  if (asked !== 'auto') return asked;
  const has = (name: string): boolean => (features[name] ?? 0) > 0;
  return has('user-notification') && has('notification-restart') ? 'notify' : 'trace';
}

/** Whether it runs each seed once per shape, each under a means of its own, and compares them. */
export const comparesShapes = ({ agreement }: Pick<ScenarioFile, 'agreement'>): boolean =>
  agreement.length > 0;

/** What differs between shapes that are compared, and all that it may be. */
export const comparedBy = ({ profile }: Pick<ScenarioFile, 'profile'>) =>
  profile === undefined
    ? ({ key: 'backend', values: USED_BACKENDS } as const)
    : ({ key: 'files', values: FILE_KEEPERS } as const);

/** Under a profile names may be made, which one backend alone can hold anybody to. */
export const backendOf = (scenario: Pick<ScenarioFile, 'profile' | 'learned'>, backend: Backend): Backend =>
  isHeldToProfile(scenario) && backend === 'auto' ? 'trace' : backend;

const isHeldToProfile = ({ profile, learned }: Pick<ScenarioFile, 'profile' | 'learned'>): boolean =>
  profile !== undefined || learned === true;

/** Whether it runs under a warden at all. */
export const isAboutWarden = ({ subject }: Pick<ScenarioFile, 'subject'>): boolean => subject === 'warden';

/** The flaw of a lane's warden. */
export const flawIn = ({ flaw }: Pick<ScenarioFile, 'flaw'>, lane: Lane): Flaw | undefined =>
  lane === 'control' ? undefined : flaw;

type ShapesOf = Pick<ScenarioFile, 'shapes' | 'lanes' | 'agreement'>;

export const shapesOf = (
  scenario: Pick<ScenarioFile, 'shapes' | 'lanes'>,
  lane: Lane,
): Record<string, Shape> => scenario.lanes[lane].shapes ?? scenario.shapes;

/** How many jobs of a lane have the same seed: one, or one for each shape that is compared. */
export function jobsPerSeed(scenario: ShapesOf, lane: Lane): number {
  return comparesShapes(scenario) ? Object.keys(shapesOf(scenario, lane)).length : 1;
}

/** The same scenario, or part of one, without the shapes that are for the other backend; all of them where they are compared. */
export function underBackend<T extends ShapesOf>(scenario: T, backend: UsedBackend): T {
  if (comparesShapes(scenario)) return scenario;
  const kept = (shapes: Record<string, Shape>): Record<string, Shape> =>
    Object.fromEntries(Object.entries(shapes).filter(([, shape]) => (shape.backend ?? backend) === backend));
  const lane = (own: T['lanes']['control']) =>
    own.shapes === undefined ? own : { ...own, shapes: kept(own.shapes) };
  const { control, guarded, honest } = scenario.lanes;
  const lanes = { control: lane(control), guarded: lane(guarded), honest: lane(honest) };
  return { ...scenario, shapes: kept(scenario.shapes), lanes };
}

/** All hooks that a scenario may run with, and the keys they stand at. */
export function watchesOf({
  watch,
  shapes,
  lanes,
}: Pick<ScenarioFile, 'watch' | 'shapes' | 'lanes'>): { path: string[]; hooks: readonly Hook[] }[] {
  const inShapes = (path: string[], all: Record<string, Shape> = {}) =>
    Object.entries(all).map(([name, shape]) => ({
      ...{ path: [...path, name, 'watch'], hooks: shape.watch ?? [] },
    }));
  return [
    { path: ['watch'], hooks: watch },
    ...inShapes(['shapes'], shapes),
    ...LANES.flatMap((lane) => [
      { path: ['lanes', lane, 'watch'], hooks: lanes[lane].watch ?? [] },
      ...inShapes(['lanes', lane, 'shapes'], lanes[lane].shapes),
    ]),
  ];
}

/** Milliseconds of guest time that one schedule may take. */
export function limitMs(scenario: Pick<ScenarioFile, 'limit'>): number {
  return Number.parseInt(scenario.limit, 10) * 1000;
}

/** The same of one with so many trials: the limit is written for as many as the scenario has, and others may be asked for. */
export const scheduleLimitMs = (
  scenario: Pick<ScenarioFile, 'limit' | 'trials'>,
  lane: Lane,
  trials: number,
): number => Math.ceil(limitMs(scenario) * Math.max(1, trials / scenario.trials[lane]));

/** Of the kernel, where the warden's backend is forced; `auto` finds one on every kernel of the lab. */
const BACKEND_NEEDS: Record<Backend, readonly string[]> = {
  auto: [],
  notify: ['user-notification'],
  trace: [],
};

/** Of the kernel, that everything is there which is compared. */
const COMPARISON_NEEDS: Record<'backend' | 'files', readonly string[]> = {
  backend: Object.values(BACKEND_NEEDS).flat(),
  files: ['landlock'],
};

/**
 * Features whose number is a version, and the one that counts as having them. Landlock: the warden holds nobody to a
 * profile by ABI 1, which lets no file be moved to another directory (landlock(7), ABI_REFER in profile/landlock.c).
 */
const LEAST_VERSION: Readonly<Record<string, number>> = { landlock: 2 };

/** Why the target cannot run the scenario, as one sentence; undefined when it can. */
export function obstacleTo(
  scenario: Pick<
    ScenarioFile,
    'needs' | 'agreement' | 'subject' | 'watch' | 'shapes' | 'lanes' | 'profile' | 'learned'
  >,
  backend: Backend,
  features: Readonly<Record<string, number>>,
): string | undefined {
  if (!isAboutWarden(scenario) && backend !== 'auto') {
    return `it runs under no warden, so there is no ${backend} to force`;
  }
  if (isHeldToProfile(scenario) && backend === 'notify') {
    return 'its attack is held to a profile, and notify cannot hold anybody to names of files';
  }
  const compares = comparesShapes(scenario);
  if (compares && backend !== 'auto') {
    return `it compares what auto alone gives, and under ${backend} there is nothing to compare`;
  }
  const needs = compares ? COMPARISON_NEEDS[comparedBy(scenario).key] : BACKEND_NEEDS[backend];
  const has = (name: string): boolean =>
    Object.hasOwn(features, name) && (features[name] ?? 0) >= (LEAST_VERSION[name] ?? 1);
  const used = usedBackend(backendOf(scenario, backend), features);
  const own = scenario.needs.flatMap((need) =>
    typeof need === 'string' ? [need] : need.backend === used ? [need.feature] : [],
  );
  const watch = watchesOf(scenario).some(({ hooks }) => hooks.length > 0) ? ['hooks'] : [];
  const missing = [...new Set([...own, ...watch, ...needs])]
    .filter((need) => !has(need))
    .map((need) => (need in LEAST_VERSION ? `${need} ${LEAST_VERSION[need]}` : need));
  return missing.length > 0 ? `the target lacks ${missing.join(', ')}` : undefined;
}

export const laneNames = LANES;
