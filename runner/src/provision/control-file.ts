/** Reading of Debian's control data: paragraphs of `Field: value` lines (deb822). */

export type Stanza = ReadonlyMap<string, string>;

/** Paragraphs, with field names in lower case and continuation lines joined. */
export function parseStanzas(text: string): Stanza[] {
  return text
    .split(/\n{2,}/)
    .filter((block) => block.trim() !== '')
    .map(parseStanza);
}

function parseStanza(block: string): Stanza {
  const fields = new Map<string, string>();
  let last = '';
  for (const line of block.split('\n')) {
    const start = /^([!-9;-~]+):\s*(.*)$/.exec(line);
    if (start?.[1]) {
      last = start[1].toLowerCase();
      fields.set(last, start[2] ?? '');
    } else if (/^[ \t]/.test(line) && last) {
      fields.set(last, `${fields.get(last)}\n${line.trim()}`);
    }
  }
  return fields;
}

/** The packages a paragraph depends on, each with its first alternative; versions and arches are left out. */
export function dependenciesOf(stanza: Stanza): string[] {
  const all = [stanza.get('pre-depends'), stanza.get('depends')]
    .filter((words) => words !== undefined)
    .join(', ');
  return all
    .split(',')
    .map((words) => /^\s*([a-z0-9][a-z0-9+.-]*)/.exec(words)?.[1])
    .filter((name) => name !== undefined);
}
