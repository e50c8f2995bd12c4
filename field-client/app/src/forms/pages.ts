// The pages of a form, from the record type alone. Where a type asks who can hear and asks for
// consent, these come first and in this order, before any question about what happened.
import type { Field, Type, Value } from "../bridge/methods";
import { filled } from "./draft.svelte";

export interface FormPage {
  code: string;
  kind: "fields" | "hear" | "consent" | "check";
  fields: Field[];
}

// Reckoned by the replica, never asked.
const computed = new Set(["duplicate_index"]);

export const hearField = (type: Type): Field | undefined =>
  type.fields.find((field) => field.vocabulary === "privacy_of_conversation");
export const consentField = (type: Type): Field | undefined =>
  type.fields.find((field) => field.rule === "append" && field.parts?.some((part) => part.vocabulary === "consent_scopes"));

/** Whether a field's condition holds among the values at hand. */
export function isAsked(field: Field, values: Record<string, Value>): boolean {
  if (field.when === null) return true;
  const value = values[field.when.field];
  if (!filled(value)) return false;
  const held = (Array.isArray(value) ? value : [value]).map(String);
  return field.when.values.length === 0 || field.when.values.some((wanted) => held.includes(String(wanted)));
}

export function pagesOf(type: Type, values: Record<string, Value>): FormPage[] {
  const hear = hearField(type);
  const consent = consentField(type);
  const asked = type.fields.filter((field) => field.group !== "record" && !computed.has(field.field) && isAsked(field, values));
  const first: FormPage[] = [];
  if (hear && consent) first.push({ code: "hear", kind: "hear", fields: [hear] });
  if (consent) first.push({ code: "consent", kind: "consent", fields: [consent] });
  const taken = new Set(first.flatMap((page) => page.fields.map((field) => field.field)));
  const groups = new Map<string, Field[]>();
  for (const field of asked) {
    if (!taken.has(field.field)) groups.set(field.group, [...(groups.get(field.group) ?? []), field]);
  }
  // What else the consent group asks stands with the conversation.
  const beside = consent ? (groups.get(consent.group) ?? []) : [];
  if (consent) {
    first.at(-1)!.fields.push(...beside);
    groups.delete(consent.group);
  }
  const rest = [...groups].map(([code, fields]): FormPage => ({ code, kind: "fields", fields }));
  return [...first, ...rest, { code: "check", kind: "check", fields: [] }];
}

/** Fields that are required, asked, and still empty. */
export const missingOf = (type: Type, values: Record<string, Value>): Field[] =>
  type.fields.filter((field) => field.required && isAsked(field, values) && !filled(values[field.field]));

/** Fields in the order of the form, those that belong together side by side. */
export function clusters(fields: Field[]): Field[][] {
  const out: Field[][] = [];
  for (const field of fields) {
    const mates = field.together && out.find((cluster) => cluster[0]!.together === field.together);
    if (mates) mates.push(field);
    else out.push([field]);
  }
  return out;
}

/** Whether fields that belong together are the coordinates of a place. */
export const isExactPlace = (cluster: Field[]): boolean => cluster.some((field) => field.vocabulary === "location_sources");
