// The record types and vocabularies the replica knows: what every form, summary and filter is made
// of. No screen repeats a field.
import { call } from "../bridge/call";
import { groupLabels, partLabels } from "../bridge/labels";
import type { Field, Type } from "../bridge/methods";

export type Term = { code: string; label: string };

const known = $state<{ types: Type[] }>({ types: [] });
const vocabularies = new Map<string, Term[]>();

/** Fails as `types` does. */
export async function loadCatalogue(): Promise<void> {
  known.types = (await call("types", {})).types;
  const names = known.types.flatMap((type) => type.fields.flatMap(vocabulariesOf));
  const missing = [...new Set(names)].filter((name) => !vocabularies.has(name));
  for (const name of missing) vocabularies.set(name, (await call("vocabulary", { name })).terms);
}

export function forgetCatalogue(): void {
  known.types = [];
}

export const types = (): Type[] => known.types;
export const typeOf = (name: string): Type | undefined => known.types.find((type) => type.type === name);
export const typeLabel = (name: string): string => typeOf(name)?.label ?? name;
export const fieldOf = (type: string, name: string): Field | undefined =>
  typeOf(type)?.fields.find((field) => field.field === name);
export const fieldLabel = (type: string, name: string): string => fieldOf(type, name)?.label ?? name;

export const terms = (vocabulary: string | null): Term[] => (vocabulary && vocabularies.get(vocabulary)) || [];
export const termLabel = (vocabulary: string | null, code: string): string =>
  terms(vocabulary).find((term) => term.code === code)?.label ?? code;

export const groupLabel = (type: string, group: string): string => groupLabels[type]?.[group] ?? group;
export const partLabel = (type: string, field: string, part: string): string =>
  partLabels[type]?.[field]?.[part] ?? part;

function vocabulariesOf(field: Field): string[] {
  return [field.vocabulary, ...(field.parts ?? []).map((part) => part.vocabulary)].filter((name) => name !== null);
}
