import { eventSchemas, type Source } from '../lib/events.ts';

/** The events and fields that a source can send, taken from the schemas, so that no second list can grow stale. */

const tables: Record<Exclude<Source, 'attack'>, ReadonlyMap<string, readonly string[]>> = {
  agent: tableOf(eventSchemas.agent.options),
  warden: tableOf(eventSchemas.warden.options),
  hooks: tableOf(eventSchemas.hooks.options),
};

interface EventSchema {
  shape: Readonly<Record<string, unknown>> & { event: { value: string } };
}

function tableOf(options: readonly EventSchema[]): ReadonlyMap<string, readonly string[]> {
  return new Map(options.map(({ shape }) => [shape.event.value, Object.keys(shape)]));
}

/** Event names of a source; undefined for attacks, which choose their own. */
export function eventNames(source: Source): string[] | undefined {
  return source === 'attack' ? undefined : [...tables[source].keys()];
}

/** Field names of an event; undefined where they are the attack's own or the event is unknown. */
export function eventFields(source: Source, event: string): readonly string[] | undefined {
  return source === 'attack' ? undefined : tables[source].get(event);
}

/** Whether events of this kind say which process they are about. */
export function hasPid(source: Source, event: string): boolean {
  return eventFields(source, event)?.includes('pid') ?? source === 'attack';
}
