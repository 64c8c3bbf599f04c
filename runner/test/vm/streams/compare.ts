import type { Difference } from './differences.ts';
import type { Streams } from './streams.ts';

/** Where two streams differ, and which documented difference says why. */

export interface Comparison {
  /** Lines that no difference explains, with their task; `-` those of the older kernel, `+` of the newer. */
  unexplained: string[];
  /** Differences that explained something. */
  used: ReadonlySet<Difference>;
}

export function compareStreams(old: Streams, recent: Streams, known: readonly Difference[]): Comparison {
  const used = new Set<Difference>();
  const unexplained = [...new Set([...old.keys(), ...recent.keys()])].flatMap((task) => {
    const lines = differing(old.get(task) ?? [], recent.get(task) ?? []);
    return lines.flatMap(({ side, line }) => {
      const why = known.filter(
        (one) => one[side]?.test(line) || (one.moved?.test(line) && isMoved(line, lines)),
      );
      for (const one of why) used.add(one);
      return why.length > 0 ? [] : [`${task}: ${side === 'before' ? '-' : '+'} ${line}`];
    });
  });
  return { unexplained, used };
}

/** As often on one side as on the other. */
function isMoved(line: string, all: readonly Line[]): boolean {
  const same = all.filter((one) => one.line === line);
  return same.filter(({ side }) => side === 'before').length * 2 === same.length;
}

interface Line {
  side: 'before' | 'since';
  line: string;
}

/** What is left of both when their longest common part is taken out. */
function differing(a: readonly string[], b: readonly string[]): Line[] {
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ side: 'before', line: left });
      i++;
    } else if (right !== undefined) {
      lines.push({ side: 'since', line: right });
      j++;
    }
  }
  return lines;
}
