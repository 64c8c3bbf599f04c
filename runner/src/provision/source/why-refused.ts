import { closest, distance } from 'fastest-levenshtein';
import { conjuncts, type Expression, evaluate, parseExpression, symbolsOf, textOf } from './expression.ts';
import type { Config, Request } from './fragments.ts';
import type { Definition, Kconfig } from './kconfig.ts';

/** A name that differs by more than this was not meant. */
const FARTHEST = 4;

/** Why a configuration did not grant a request, in one line: what is asked for, where, and what stands in the way. */
export function whyRefused(request: Request, config: Config, kconfig: Kconfig): string {
  const { option, value, at } = request;
  const wanted = value === undefined ? `CONFIG_${option} not set` : `CONFIG_${option}=${value}`;
  return `${wanted} (${at}): ${reasonOf(request, config, kconfig)}`;
}

function reasonOf({ option, value }: Request, config: Config, kconfig: Kconfig): string {
  const definitions = kconfig.definitions.get(option);
  if (!definitions) return `there is no such option in this kernel${nearest(option, kconfig)}`;
  if (value === undefined) return whySet(option, config, kconfig);
  const unmet = definitions.map((definition) => ({ definition, words: unmetOf(definition, config) }));
  const blocked = unmet.filter(({ words }) => words.length > 0);
  if (blocked.length === unmet.length) {
    return blocked.map(({ definition, words }) => `${words.join(', ')} (${definition.at})`).join('; or ');
  }
  return whyOther(option, config, kconfig, definitions);
}

function nearest(option: string, { definitions }: Kconfig): string {
  if (definitions.size === 0) return '';
  const name = closest(option, [...definitions.keys()]);
  return distance(option, name) <= FARTHEST ? `; did you mean CONFIG_${name}?` : '';
}

/** What one place of definition still needs. */
function unmetOf({ depends, prompt, promptIf }: Definition, config: Config): string[] {
  const unmet = depends.flatMap((text) => unmetParts(text, config, 'it depends on'));
  if (!prompt) return [...unmet, 'it has no prompt: only other options set it'];
  return [
    ...unmet,
    ...(promptIf === undefined ? [] : unmetParts(promptIf, config, 'it can be asked for only if')),
  ];
}

function unmetParts(text: string, config: Config, words: string): string[] {
  const parsed = parseExpression(text);
  if (!parsed) return [];
  return conjuncts(parsed)
    .filter((part) => evaluate(part, config) === 0)
    .map((part) => `${words} ${textOf(part)}${stateOf(part, config)}`);
}

/** How the options stand that a condition names. */
function stateOf(part: Expression, config: Config): string {
  const states = symbolsOf(part).map((name) => {
    const value = config.get(name);
    return value === undefined ? `${name} is not set` : `${name}=${value}`;
  });
  if (part.kind === 'symbol') return ', which is not set';
  return states.length > 0 ? ` (${states.join(', ')})` : '';
}

/** Its conditions are met, and yet it is otherwise. */
function whyOther(
  option: string,
  config: Config,
  kconfig: Kconfig,
  definitions: readonly Definition[],
): string {
  const choice = definitions.find((definition) => definition.choice !== undefined)?.choice;
  const rival = choice === undefined ? undefined : setMember(choice, option, config, kconfig);
  if (rival !== undefined) return `of its choice CONFIG_${rival} is set instead`;
  const found = config.get(option);
  const selected = found === undefined ? [] : selectors(option, config, kconfig);
  if (selected.length > 0) return `it is ${found}, because ${selected.join(' and ')} selects it`;
  return found === undefined
    ? 'it is not set, although nothing it depends on is missing'
    : `it is ${found} instead`;
}

function setMember(
  choice: number,
  option: string,
  config: Config,
  { definitions }: Kconfig,
): string | undefined {
  const members = [...definitions].filter(([, places]) => places.some((place) => place.choice === choice));
  return members.map(([name]) => name).find((name) => name !== option && config.has(name));
}

function whySet(option: string, config: Config, kconfig: Kconfig): string {
  const value = config.get(option);
  const selected = selectors(option, config, kconfig);
  if (selected.length > 0) return `it is ${value}, because ${selected.join(' and ')} selects it`;
  const prompts = kconfig.definitions.get(option)?.some(({ prompt }) => prompt);
  return prompts ? `it is ${value} all the same` : `it is ${value} by itself: it has no prompt`;
}

function selectors(option: string, config: Config, { definitions }: Kconfig): string[] {
  const selecting = ([name, places]: [string, readonly Definition[]]): boolean =>
    config.has(name) &&
    places.some(({ selects }) =>
      selects.some((entry) => entry.option === option && holds(entry.when, config)),
    );
  return [...definitions].filter(selecting).map(([name]) => `CONFIG_${name}`);
}

function holds(when: string | undefined, config: Config): boolean {
  const parsed = when === undefined ? undefined : parseExpression(when);
  return !parsed || evaluate(parsed, config) > 0;
}
