import type { GuestEvent } from '../../lib/events.ts';
import { escapeChar } from '../../lib/visible.ts';
import { cutTo, printable } from '../printable.ts';
import { shellWord } from '../rerun.ts';
import { isFork, type Roles } from './roles.ts';

/** An event in words. Processes go by their roles, so that two schedules can be compared by what their events say. */

/** Told elsewhere, in another way, or in every event. An attack's fields are its own choice, whatever they are called. */
const COMMON = ['t', 'from', 'event', 'pid'];
const OF_ATTACKS: ReadonlySet<string> = new Set([...COMMON, 'n']);
const OF_EXECS: ReadonlySet<string> = new Set([...COMMON, 'argv', 'argc', 'path', 'truncated']);
const OF_OTHERS: ReadonlySet<string> = new Set([...COMMON, 'tid', 'ppid', 'child', 'truncated']);
/** Of one value: nothing behind that fits into a line. */
const LONGEST_VALUE = 100;

export function wordsOf(event: GuestEvent, roles: Roles): string {
  const isExec = event.from !== 'attack' && 'argv' in event;
  const hidden = event.from === 'attack' ? OF_ATTACKS : isExec ? OF_EXECS : OF_OTHERS;
  const trial = event.from === 'attack' && event.n > 0 ? [`trial ${event.n}`] : [];
  return [
    ...(event.event === 'trial' && trial.length > 0 ? trial : [event.event]),
    ...('pid' in event ? [roles.get(event.pid) ?? 'nobody'] : []),
    ...(isFork(event) ? [`-> ${roles.get(event.child) ?? 'nobody'}`] : []),
    ...(event.event === 'trial' ? [] : trial),
    ...Object.entries(event).flatMap(([name, value]) =>
      hidden.has(name) ? [] : [`${short(name)}=${typeof value === 'string' ? wordOf(value) : String(value)}`],
    ),
    // The file behind the words, which say more of most execs. Calls that are judged by their path have none.
    ...(isExec && event.argv.length > 0 ? [`[${event.argv.map(wordOf).join(' ')}]`] : []),
    ...(isExec ? [wordOf(event.path)] : []),
    ...(event.from !== 'attack' && 'truncated' in event && event.truncated ? ['truncated'] : []),
  ].join(' ');
}

/** An attack's values may be as long as it likes, and hold what a terminal obeys. */
export function short(text: string, length = LONGEST_VALUE): string {
  // As nearly all of them are, and there may be a hundred thousand.
  if (text.length <= length && /^[\x20-\x7e]*$/.test(text)) return text;
  const start = printable(text.slice(0, length + 1));
  // JSON in ASCII has two escapes for one of these, and Perfetto opens no file with such in a name.
  return cutTo(start.replace(/[\u{10000}-\u{10ffff}]/gu, escapeChar), length);
}

const wordOf = (text: string): string => (text === '' ? "''" : shellWord(short(text)));
