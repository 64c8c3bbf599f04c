import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** As much of a tree's Kconfig files as it takes to say why an option could not be had. */
export interface Kconfig {
  /** An option may be defined in several places. */
  definitions: ReadonlyMap<string, readonly Definition[]>;
}

export interface Definition {
  /** `file:line` in the tree. */
  at: string;
  /** Conditions, its own and those of the blocks around it; all must be true. */
  depends: string[];
  /** Only an option with a prompt can be asked for. */
  prompt: boolean;
  /** When the prompt is there. */
  promptIf?: string;
  /** The options that this one sets, with their conditions. */
  selects: { option: string; when?: string }[];
  /** A number for each choice; of its members one can be set. */
  choice?: number;
}

interface Block {
  kind: 'menu' | 'if' | 'choice';
  depends: string[];
  choice?: number;
}

interface Parsing {
  tree: string;
  /** `x86`: what the tree calls the arch's folder. */
  srcArch: string;
  definitions: Map<string, Definition[]>;
  blocks: Block[];
  /** Whatever `depends on` belongs to. */
  entry: { depends: string[] } | undefined;
  option: Definition | undefined;
  choices: number;
}

export async function readKconfig(tree: string, srcArch: string): Promise<Kconfig> {
  const parsing: Parsing = {
    ...{ tree, srcArch, definitions: new Map(), blocks: [], choices: 0 },
    ...{ entry: undefined, option: undefined },
  };
  await readFileInto(parsing, 'Kconfig');
  return { definitions: parsing.definitions };
}

/** `source` with a pattern or of a file that is not there adds nothing: what is said of the rest stays true. */
async function readFileInto(parsing: Parsing, name: string): Promise<void> {
  const text = await readFile(path.join(parsing.tree, name), 'utf8').catch(() => undefined);
  if (text === undefined) return;
  for (const { line, number } of statements(text)) {
    const source = /^(o?r?source)\s+"?([^"]+)"?/.exec(line);
    if (source?.[1] && source[2]) {
      const relative = /^o?rsource$/.test(source[1]);
      const target = source[2]
        .replace(/\$\(?SRCARCH\)?/g, parsing.srcArch)
        .replace(/\$\(?HEADER_ARCH\)?/g, parsing.srcArch);
      await readFileInto(parsing, relative ? path.posix.join(path.posix.dirname(name), target) : target);
    } else {
      readStatement(parsing, line, `${name}:${number}`);
    }
  }
}

interface Statement {
  line: string;
  number: number;
}

/** The lines that say something: without comments and help texts, continued ones joined. */
function statements(text: string): Statement[] {
  const found: Statement[] = [];
  let helpIndent: number | undefined;
  let inHelp = false;
  let continued: Statement | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    if (inHelp) {
      if (raw.trim() === '') continue;
      const indent = indentOf(raw);
      helpIndent ??= indent;
      if (indent > 0 && indent >= helpIndent) continue;
      inHelp = false;
    }
    const line = withoutComment(raw).trim();
    const whole: Statement = continued
      ? { line: `${continued.line} ${line}`, number: continued.number }
      : { line, number: index + 1 };
    continued = whole.line.endsWith('\\') ? { ...whole, line: whole.line.slice(0, -1) } : undefined;
    if (continued || whole.line === '') continue;
    if (/^(help|---help---)$/.test(whole.line)) {
      inHelp = true;
      helpIndent = undefined;
    } else found.push(whole);
  }
  return found;
}

const TAB = 8;

function indentOf(line: string): number {
  let column = 0;
  for (const char of line) {
    if (char === '\t') column += TAB - (column % TAB);
    else if (char === ' ') column += 1;
    else break;
  }
  return column;
}

const withoutComment = (line: string): string =>
  /^((?:[^"'#]|"(?:[^"\\]|\\.)*"|'[^']*')*)/.exec(line)?.[1] ?? line;

/** Unbalanced quotes make the pattern above stop early; what is lost then is a prompt's text. */
function readStatement(parsing: Parsing, line: string, at: string): void {
  const [word = '', rest = ''] = split(line);
  switch (word) {
    case 'config':
    case 'menuconfig':
      startOption(parsing, rest, at);
      return;
    case 'menu':
    case 'choice':
      startBlock(parsing, word);
      return;
    case 'if':
      parsing.blocks.push({ kind: 'if', depends: [rest] });
      endEntry(parsing);
      return;
    case 'endmenu':
    case 'endif':
    case 'endchoice':
      parsing.blocks.pop();
      endEntry(parsing);
      return;
    case 'comment':
      parsing.entry = { depends: [] };
      parsing.option = undefined;
      return;
    default:
      readAttribute(parsing, word, rest);
      return;
  }
}

function split(line: string): [string, string] {
  const found = /^(\S+)\s*(.*)$/.exec(line);
  return [found?.[1] ?? '', found?.[2] ?? ''];
}

function startOption(parsing: Parsing, name: string, at: string): void {
  const choice = parsing.blocks.findLast(({ kind }) => kind === 'choice')?.choice;
  const around = parsing.blocks.flatMap(({ depends }) => depends);
  const option: Definition = {
    ...{ at, depends: [...around], prompt: false, selects: [] },
    ...(choice === undefined ? {} : { choice }),
  };
  parsing.definitions.set(name, [...(parsing.definitions.get(name) ?? []), option]);
  parsing.option = option;
  parsing.entry = option;
}

function startBlock(parsing: Parsing, kind: 'menu' | 'choice'): void {
  const block: Block = { kind, depends: [] };
  if (kind === 'choice') {
    parsing.choices += 1;
    block.choice = parsing.choices;
  }
  parsing.blocks.push(block);
  parsing.entry = block;
  parsing.option = undefined;
}

function endEntry(parsing: Parsing): void {
  parsing.entry = undefined;
  parsing.option = undefined;
}

const TYPES = new Set(['bool', 'tristate', 'string', 'int', 'hex', 'boolean', 'prompt']);

function readAttribute(parsing: Parsing, word: string, rest: string): void {
  const { option, entry } = parsing;
  if (word === 'depends') entry?.depends.push(rest.replace(/^on\s+/, ''));
  else if (option && (word === 'select' || word === 'imply')) option.selects.push(selectOf(rest));
  else if (option && TYPES.has(word) && rest !== '') readPrompt(option, rest);
}

function selectOf(rest: string): Definition['selects'][number] {
  const [option = '', when] = rest.split(/\s+if\s+/);
  return { option: option.trim(), ...(when === undefined ? {} : { when }) };
}

function readPrompt(option: Definition, rest: string): void {
  option.prompt = true;
  const when = /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|\S+)\s+if\s+(.*)$/.exec(rest)?.[1];
  if (when !== undefined) option.promptIf = when;
}
