import { CALL_PREFIX, FAMILIES, familyNamed } from './families.ts';
import { fieldsOf, type Meaning, type Placing, SECCOMP_PLACES } from './fields.ts';
import { knownSomewhere, type Metadata, type Syscall } from './metadata/index.ts';
import { suggestion } from './problem.ts';

/** A call that a rule is about, and what it can ask of it. */
export interface NamedCall {
  call: Syscall;
  fields: ReadonlyMap<string, Meaning>;
  /** As people wrote it, for messages. */
  shown: string;
}

export type CallsFound = { ok: true; calls: NamedCall[] } | { ok: false; problem: string };

/** The calls that a name stands for: a family's members, or the call itself; none where only other arches have it. */
export function callsNamed(name: string, metadata: Metadata, placing: Placing = SECCOMP_PLACES): CallsFound {
  const { syscalls } = metadata;
  const family = familyNamed(name);
  if (family) {
    const calls = family.members.flatMap((member): NamedCall[] => {
      const call = syscalls.get(member);
      if (!call) return [];
      const all = fieldsOf(call, metadata, placing);
      const fields = new Map([...all].filter(([field]) => family.fields.includes(field)));
      return [{ call, fields, shown: `the family ${name}` }];
    });
    return { ok: true, calls };
  }
  const own = name.startsWith(CALL_PREFIX) ? name.slice(CALL_PREFIX.length) : name;
  const call = syscalls.get(own);
  if (call) return { ok: true, calls: [{ call, fields: fieldsOf(call, metadata, placing), shown: own }] };
  // What another arch has cannot be called here, so there is nothing to rule.
  if (knownSomewhere('syscalls', own)) return { ok: true, calls: [] };
  const prefix = name.startsWith(CALL_PREFIX) ? CALL_PREFIX : '';
  const families = prefix ? [] : FAMILIES.map((one) => one.name);
  const known = [...families, ...[...syscalls.keys()].map((one) => prefix + one)];
  return { ok: false, problem: `there is no system call \`${name}\`${suggestion(name, known)}` };
}
