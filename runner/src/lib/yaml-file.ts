import { readFile } from 'node:fs/promises';
import { distance } from 'fastest-levenshtein';
import { type Document, isCollection, isMap, isPair, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { UserError } from './errors.ts';

/** Problems shown at once: enough to mend a file in one go, few enough to read. */
const MOST_PROBLEMS = 10;

type Path = readonly PropertyKey[];

interface Problem {
  offset: number;
  text: string;
}

/**
 * Reads a YAML file and parses it with a schema. Whatever is wrong with the file is a UserError whose every
 * line starts with file:line:column and says what was expected there.
 */
export async function readYaml<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  return parseYaml(file, await readText(file), schema);
}

/** As readYaml, for a text that is at hand; `file` only names it. */
export function parseYaml<T>(file: string, text: string, schema: z.ZodType<T>): T {
  return parsePlacedYaml(file, text, schema).value;
}

/** A place in a file: a key's value, and a character of it where it is a string. */
export interface PlacedProblem {
  path: Path;
  character?: number;
  text: string;
}

/** What a file says, and where it says it. */
export interface PlacedYaml<T> {
  value: T;
  /** The line of a key's value, from 1. */
  lineOf(path: Path): number;
  /** Problems that only its reader can see, worded as those of its schema are. */
  complain(problems: readonly PlacedProblem[]): UserError;
  /** The same as lines of text, for what is no error. */
  describe(problems: readonly PlacedProblem[]): string[];
}

export async function readPlacedYaml<T>(file: string, schema: z.ZodType<T>): Promise<PlacedYaml<T>> {
  return parsePlacedYaml(file, await readText(file), schema);
}

export function parsePlacedYaml<T>(file: string, text: string, schema: z.ZodType<T>): PlacedYaml<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fail = (problems: Problem[]): never => {
    throw badYaml(file, lines, problems);
  };
  if (document.errors.length > 0) {
    fail(document.errors.map((error) => ({ offset: error.pos[0], text: error.message })));
  }
  const parsed = schema.safeParse(toValue(document, fail));
  if (!parsed.success) {
    return fail(parsed.error.issues.flatMap((issue) => problemsOf(issue, [], document, schema)));
  }
  const placed = (problems: readonly PlacedProblem[]): Problem[] =>
    problems.map(({ path, character, text: words }) => ({
      offset:
        character === undefined
          ? valueOffset(document, path)
          : characterOffset(document, text, path, character),
      text: `${at(path)}${words}`,
    }));
  return {
    value: parsed.data,
    lineOf: (path) => Math.max(lines.linePos(valueOffset(document, path)).line, 1),
    complain: (problems) => badYaml(file, lines, placed(problems)),
    describe: (problems) => describeProblems(file, lines, placed(problems)),
  };
}

/** Escapes and folds make a string shorter than it is written: so many characters may be passed over for one of it. */
const LONGEST_ESCAPE = 10;

/** Where a character of a string stands in the file. */
function characterOffset(document: Document, source: string, path: Path, character: number): number {
  const node = document.getIn([...path], true);
  if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return valueOffset(document, path);
  const { value } = node;
  let [offset] = node.range;
  const end = node.range[1];
  if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED')
    offset = source.indexOf('\n', offset) + 1;
  for (let index = 0; index <= Math.min(character, value.length - 1); index++) {
    const wanted = value[index] ?? '';
    const blank = /\s/.test(wanted);
    const found = source.indexOf(wanted, offset);
    const between = found < 0 ? '' : source.slice(offset, found);
    const reachable =
      found >= 0 && found < end && (between.trim() === '' || between.length <= LONGEST_ESCAPE);
    if (reachable && !(blank && between.trim() !== '')) offset = found;
    if (index < character) offset++;
  }
  if (character >= value.length) offset++;
  return Math.min(offset, end);
}

/** An alias without its anchor, or aliases that blow up, are only found when the value is made. */
function toValue(document: Document, fail: (problems: Problem[]) => never): unknown {
  try {
    return document.toJS();
  } catch (error) {
    return fail([{ offset: 0, text: error instanceof Error ? error.message : String(error) }]);
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new UserError(missing ? `${file}: there is no such file` : `${file}: cannot be read`, {
      code: missing ? 'no-such-file' : 'unreadable-file',
      cause: error,
    });
  }
}

function badYaml(file: string, lines: LineCounter, problems: Problem[]): UserError {
  return new UserError(describeProblems(file, lines, problems).join('\n'), { code: 'bad-yaml' });
}

function describeProblems(file: string, lines: LineCounter, problems: readonly Problem[]): string[] {
  const sorted = [...problems].sort((a, b) => a.offset - b.offset);
  const shown = sorted.slice(0, MOST_PROBLEMS).map(({ offset, text }) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${text}`;
  });
  if (sorted.length > shown.length) shown.push(`… and ${sorted.length - shown.length} more`);
  return shown;
}

type Issue = z.core.$ZodIssue;

function problemsOf(issue: Issue, parent: Path, document: Document, schema: z.ZodType): Problem[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const expected = expectedKeys(schema, path);
    return issue.keys.map((key) => ({
      offset: keyOffset(document, [...path, key]),
      text: `${at(path)}unknown key \`${key}\`${suggest(key, expected)}`,
    }));
  }
  if (issue.code === 'invalid_union') {
    const deepest = deepestBranch(issue.errors);
    if (deepest) return deepest.flatMap((inner) => problemsOf(inner, path, document, schema));
  }
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    const offset = issue.code === 'invalid_key' ? keyOffset(document, path) : valueOffset(document, path);
    const why = issue.issues.map((inner) => inner.message).join('; ');
    return [{ offset, text: `${at(path)}${why || issue.message}` }];
  }
  if (path.length > 0 && !document.hasIn([...path])) {
    const owner = path.slice(0, -1);
    const text = `${at(owner)}\`${String(path.at(-1))}\` is missing (${issue.message})`;
    return [{ offset: keyOffset(document, owner), text }];
  }
  return [{ offset: valueOffset(document, path), text: `${at(path)}${issue.message}` }];
}

/** Of a union's branches the one that came furthest: the one that the writer most likely meant. */
function deepestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const depth = (issues: readonly Issue[]): number => Math.max(0, ...issues.map(({ path }) => path.length));
  const nested = branches.filter((issues) => depth(issues) > 0);
  return [...nested].sort((a, b) => depth(b) - depth(a))[0];
}

const at = (path: Path): string => (path.length > 0 ? `${path.map(String).join('.')}: ` : '');

function valueOffset(document: Document, path: Path): number {
  const node = path.length === 0 ? document.contents : document.getIn([...path], true);
  const range = isCollection(node) || isScalar(node) ? node.range : undefined;
  return range?.[0] ?? keyOffset(document, path);
}

/** Where the key itself stands; for an element of a list, the element; for the whole document, its start. */
function keyOffset(document: Document, path: Path): number {
  const owner = path.length <= 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (path.length > 0 && isMap(owner)) {
    const last = String(path.at(-1));
    const pair = owner.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === last,
    );
    if (pair && isScalar(pair.key) && pair.key.range) return pair.key.range[0];
  }
  const node = path.length === 0 ? document.contents : document.getIn([...path], true);
  if ((isCollection(node) || isScalar(node)) && node.range) return node.range[0];
  return path.length === 0 ? 0 : keyOffset(document, path.slice(0, -1));
}

function suggest(key: string, expected: readonly string[]): string {
  if (expected.length === 0) return '';
  const [nearest] = [...expected].sort((a, b) => distance(key, a) - distance(key, b));
  if (nearest !== undefined && distance(key, nearest) <= 2) return `; did you mean \`${nearest}\`?`;
  return `; expected one of ${expected.join(', ')}`;
}

type JsonSchema = { [key: string]: unknown };
const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The keys that the schema knows at a path, by way of its JSON Schema, which is made to be walked. */
function expectedKeys(schema: z.ZodType, path: Path): string[] {
  const root: JsonSchema = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' });
  let here: JsonSchema[] = [root];
  for (const step of path) here = here.flatMap((at) => children(at, step));
  return here.flatMap((at) => (isSchema(at.properties) ? Object.keys(at.properties) : []));
}

function children(schema: JsonSchema, step: PropertyKey): JsonSchema[] {
  const branches = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  const own =
    typeof step === 'number'
      ? schema.items
      : isSchema(schema.properties) && String(step) in schema.properties
        ? schema.properties[String(step)]
        : schema.additionalProperties;
  return [
    ...(isSchema(own) ? [own] : []),
    ...branches.filter(isSchema).flatMap((branch) => children(branch, step)),
  ];
}
