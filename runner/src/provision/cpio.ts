/** Writes the `newc` cpio format that the kernel unpacks as its first root (Documentation/driver-api/early-userspace). */

export type CpioEntry =
  | { kind: 'dir'; path: string; mode: number }
  /** Entries of one mode that hold the very same object are names of one file. */
  | { kind: 'file'; path: string; mode: number; content: Uint8Array }
  | { kind: 'link'; path: string; target: string }
  | { kind: 'device'; path: string; mode: number; major: number; minor: number };

const TYPE = { dir: 0o040000, file: 0o100000, link: 0o120000, device: 0o020000 } as const;
const TRAILER = 'TRAILER!!!';
const ALIGNMENT = 4;

/**
 * The archive of the entries in the order given, which is the order they are unpacked in: a folder comes before what
 * is in it. The same entries give the same bytes: times and owners are 0.
 */
export function writeCpio(entries: readonly CpioEntry[]): Buffer {
  const seen = new Set<string>();
  const first = new Map<Uint8Array, number>();
  const links = countLinks(entries);
  const chunks = entries.flatMap((entry, index) => {
    const name = checkedPath(entry.path, seen);
    const known = entry.kind === 'file' ? first.get(entry.content) : undefined;
    if (entry.kind === 'file' && known === undefined) first.set(entry.content, index);
    // The kernel links what has the number of an earlier file, and keeps what that holds.
    const body = known === undefined ? content(entry) : Buffer.alloc(0);
    const inode = (known ?? index) + 1;
    return [header({ entry, name, inode, links: linksOf(entry, links), size: body.length }), padded(body)];
  });
  const end = header({ entry: undefined, name: TRAILER, inode: 0, links: 1, size: 0 });
  return Buffer.concat([...chunks, end]);
}

function countLinks(entries: readonly CpioEntry[]): Map<Uint8Array, number> {
  const links = new Map<Uint8Array, number>();
  for (const entry of entries) {
    if (entry.kind === 'file') links.set(entry.content, (links.get(entry.content) ?? 0) + 1);
  }
  return links;
}

function linksOf(entry: CpioEntry, links: ReadonlyMap<Uint8Array, number>): number {
  if (entry.kind === 'dir') return 2;
  return entry.kind === 'file' ? (links.get(entry.content) ?? 1) : 1;
}

/** The kernel would quietly skip an entry below a folder it has not made, so such an archive is not written. */
function checkedPath(path: string, seen: Set<string>): string {
  const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : undefined;
  if (path === '' || path.startsWith('/') || path.split('/').some((part) => ['', '.', '..'].includes(part))) {
    throw new RangeError(`an archive's path is relative and plain: ${JSON.stringify(path)}`);
  }
  if (seen.has(path)) throw new RangeError(`the archive would hold ${path} twice`);
  if (parent !== undefined && !seen.has(parent))
    throw new RangeError(`${path} comes before the folder ${parent}`);
  seen.add(path);
  return path;
}

function content(entry: CpioEntry): Buffer {
  if (entry.kind === 'file')
    return Buffer.from(entry.content.buffer, entry.content.byteOffset, entry.content.length);
  return Buffer.from(entry.kind === 'link' ? entry.target : '', 'utf8');
}

interface Header {
  entry: CpioEntry | undefined;
  name: string;
  inode: number;
  links: number;
  size: number;
}

function header({ entry, name, inode, links, size }: Header): Buffer {
  const bytes = Buffer.from(`${name}\0`, 'utf8');
  const device = entry?.kind === 'device' ? entry : { major: 0, minor: 0 };
  const fields = [
    ...[inode, mode(entry), 0, 0, links, 0, size],
    ...[0, 0, device.major, device.minor, bytes.length, 0],
  ];
  const text = fields.map((field) => field.toString(16).toUpperCase().padStart(8, '0')).join('');
  return padded(Buffer.concat([Buffer.from(`070701${text}`, 'latin1'), bytes]));
}

function mode(entry: CpioEntry | undefined): number {
  if (entry === undefined) return 0;
  return TYPE[entry.kind] | (entry.kind === 'link' ? 0o777 : entry.mode);
}

function padded(bytes: Buffer): Buffer {
  const missing = (ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT;
  return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(missing)]);
}
