import { elfSection } from './elf.ts';

/** What a kernel module says about itself: the `key=value` strings of its .modinfo section. */
export interface ModuleInfo {
  name: string;
  /** Modules that must be loaded before it. */
  depends: string[];
  vermagic: string;
}

export function parseModinfo(module: Buffer): ModuleInfo | undefined {
  const section = elfSection(module, '.modinfo');
  if (!section) return undefined;
  const fields = new Map(
    section
      .toString('latin1')
      .split('\0')
      .filter((text) => text.includes('='))
      .map((text): [string, string] => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  );
  const depends = (fields.get('depends') ?? '').split(',').filter((name) => name !== '');
  return {
    name: fields.get('name') ?? '',
    depends: depends.map(moduleName),
    vermagic: fields.get('vermagic') ?? '',
  };
}

/** The kernel takes `-` and `_` in a module's name for the same. */
export const moduleName = (name: string): string => name.replaceAll('-', '_');

/** The module a file holds, whatever it is packed with: `…/virtio-net.ko.xz` → `virtio_net`. */
export function moduleOfFile(file: string): string | undefined {
  const found = /([^/]+)\.ko(\.(xz|zst|gz))?$/.exec(file);
  return found?.[1] && moduleName(found[1]);
}

/** Dependencies first; each module once. `depends` says what a module needs. */
export function loadOrder(wanted: readonly string[], depends: (name: string) => readonly string[]): string[] {
  const order: string[] = [];
  const visiting = new Set<string>();
  const visit = (name: string): void => {
    if (order.includes(name) || visiting.has(name)) return;
    visiting.add(name);
    for (const needed of depends(name)) visit(needed);
    order.push(name);
  };
  for (const name of wanted) visit(moduleName(name));
  return order;
}
