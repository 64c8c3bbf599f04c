import {
  type BreachPattern,
  isAboutWarden,
  type Pattern,
  type ScenarioFile,
  watchesOf,
} from '../lib/scenario.ts';
import { eventFields, eventNames, hasPid } from './event-fields.ts';
import { nearestNames } from './names.ts';

/** Something that is wrong with a file although every key is of its schema. */
export interface Problem {
  path: (string | number)[];
  message: string;
}

type Path = Problem['path'];

/** A pattern with a typing slip never matches, and a breach that never matches looks like a defence that holds. */
export function patternProblems(file: ScenarioFile): Problem[] {
  return [
    ...file.breach.flatMap((breach, index) => breachProblems(breach, ['breach', index])),
    ...oneProblem(file.work, ['work']),
    ...file.alive.flatMap((sign, index) => oneProblem(sign, ['alive', index])),
    ...file.agreement.flatMap((pattern, index) => oneProblem(pattern, ['agreement', index])),
    ...watchProblems(file),
    ...purposeProblems(file),
    ...trustProblems(file),
  ];
}

/** What the lab itself asks the hook module for, beside `watch`. */
const OWN_EVENTS = ['exec', 'fork', 'dropped'];

/** What no hook of `watch` tells never comes. */
function watchProblems(file: ScenarioFile): Problem[] {
  const lists = watchesOf(file).map(({ hooks }) => hooks);
  const all: [Pattern, Path][] = [
    ...file.breach.flatMap((breach, index): [Pattern, Path][] => [
      [breach, ['breach', index]],
      ...(breach.unless ? [[breach.unless, ['breach', index, 'unless']] satisfies [Pattern, Path]] : []),
    ]),
    [file.work, ['work']],
    ...file.alive.map((sign, index): [Pattern, Path] => [sign, ['alive', index]]),
    ...file.agreement.map((pattern, index): [Pattern, Path] => [pattern, ['agreement', index]]),
  ];
  return all.flatMap(([{ from, event, where }, path]) => {
    if (from !== 'hooks' || !eventNames(from)?.includes(event)) return [];
    if (where.hook === undefined) {
      if (OWN_EVENTS.includes(event) || lists.some((hooks) => hooks.some(({ on }) => on === event)))
        return [];
      return [{ path: [...path, 'event'], message: `no hook of \`watch\` is on ${event}` }];
    }
    if (lists.some((hooks) => hooks[Number(where.hook)]?.on === event)) return [];
    const message = `no \`watch\` has a hook ${where.hook} that is on ${event}; they are counted from 0`;
    return [{ path: [...path, 'where', 'hook'], message }];
  });
}

/** Which line the attack crosses must be said somewhere. */
function purposeProblems(file: ScenarioFile): Problem[] {
  if (file.agreement.length === 0 && file.breach.length === 0) {
    return [
      { path: [], message: 'needs `breach` or `agreement`: nothing says what the attack may not reach' },
    ];
  }
  if (file.agreement.length === 0) return [];
  const message = 'breaches are counted by trial beside `agreement`, and only attack events have one';
  return file.breach.flatMap(({ from }, index) =>
    from === 'attack' ? [] : [{ path: ['breach', index, 'from'], message }],
  );
}

function breachProblems(breach: BreachPattern, path: Path): Problem[] {
  const problems = oneProblem(breach, path);
  if (!hasPid(breach.from, breach.event)) {
    problems.push({ path: [...path, 'event'], message: 'has no pid, and breaches are counted by pid' });
  }
  const { unless } = breach;
  if (!unless) return problems;
  problems.push(...oneProblem(unless, [...path, 'unless']));
  if (unless.from === 'attack') {
    const message = 'an attack cannot be the one that takes its own breach away';
    problems.push({ path: [...path, 'unless', 'from'], message });
  }
  if (unless.same === 'pid' && !hasPid(unless.from, unless.event)) {
    problems.push({ path: [...path, 'unless', 'same'], message: `${unless.event} events have no pid` });
  }
  return problems;
}

function trustProblems(file: ScenarioFile): Problem[] {
  const problems: Problem[] = [];
  file.alive.forEach((sign, index) => {
    // The hooks say nothing by themselves: whoever has a session with them passes on what they saw.
    if (sign.from === 'attack' && !isAboutWarden(file)) return;
    if (sign.from !== 'attack' && sign.from !== 'agent') return;
    const message = 'the defence itself must show that it is alive: only warden or hooks events count';
    problems.push({ path: ['alive', index, 'from'], message });
  });
  file.breach.forEach((breach, index) => {
    if (samePattern(breach, file.work)) {
      problems.push({
        path: ['breach', index],
        message: 'is the same as `work`: honest work would be a breach',
      });
    }
  });
  return problems;
}

function oneProblem(pattern: Pattern, path: Path): Problem[] {
  const known = eventNames(pattern.from);
  if (known && !known.includes(pattern.event)) {
    const nearest = nearestNames(pattern.event, known);
    const help =
      nearest.length > 0 ? `did you mean ${nearest.join(' or ')}?` : `it sends ${known.join(', ')}`;
    const message = `${pattern.from} sends no event \`${pattern.event}\`; ${help}`;
    return [{ path: [...path, 'event'], message }];
  }
  return Object.entries(pattern.where).flatMap(([key, value]) => {
    const message = fieldProblem(pattern, key, value);
    return message === undefined ? [] : [{ path: [...path, 'where', key], message }];
  });
}

function fieldProblem(pattern: Pattern, key: string, value: unknown): string | undefined {
  if (typeof value === 'string' && /[^\0-\u00ff]/u.test(value)) {
    return 'each character stands for one byte of the guest: use \\x00 to \\xff, in double quotes';
  }
  const isArgument = /^argv\d+$/.test(key);
  if (isArgument && typeof value !== 'string') return 'arguments are strings: put it in quotes';
  const fields = eventFields(pattern.from, pattern.event);
  if (!fields || fields.includes(key)) return undefined;
  if (isArgument && fields.includes('argv')) return undefined;
  return `${pattern.event} events of ${pattern.from} have no \`${key}\`; they have ${fields.join(', ')}`;
}

function samePattern(a: BreachPattern, b: Pattern): boolean {
  if (a.unless || a.from !== b.from || a.event !== b.event) return false;
  const keys = Object.keys(a.where);
  return keys.length === Object.keys(b.where).length && keys.every((key) => a.where[key] === b.where[key]);
}
