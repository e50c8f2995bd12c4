// Values as people read them, by the type of their field.
import type { Field, Part, Value } from "../bridge/methods";
import { nameOf } from "../shell/session.svelte";
import { exact, known } from "../words/dates";
import { language, say } from "../words/words.svelte";
import { partLabel, termLabel, typeLabel } from "./catalogue.svelte";

/** The eight characters of a record's id that can be said aloud. */
export const numberOf = (record: string): string => `${record.slice(0, 4)}-${record.slice(4, 8)}`.toUpperCase();

type Shape = Pick<Field, "type" | "vocabulary"> & Partial<Field>;

/** One line for a value; several are listed. */
export function shown(record_type: string, field: Field, value: Value): string {
  if (Array.isArray(value)) {
    return new Intl.ListFormat(language(), { type: "unit" }).format(value.map((one) => shown(record_type, field, one)));
  }
  if (field.type === "event" && value !== null && typeof value === "object") {
    return eventShown(record_type, field, value as Record<string, Value>);
  }
  return oneShown(field, value);
}

/** An event's parts as label and text, in the order of the type. */
export const eventParts = (record_type: string, field: Field, event: Record<string, Value>): Array<[Part, string, string]> =>
  (field.parts ?? [])
    .filter((part) => event[part.part] !== undefined)
    .map((part) => [part, partLabel(record_type, field.field, part.part), oneShown(part, event[part.part]!)]);

function eventShown(record_type: string, field: Field, event: Record<string, Value>): string {
  return eventParts(record_type, field, event).map(([, , text]) => text).join(" · ");
}

function oneShown(shape: Shape, value: Value): string {
  if (value === null || value === undefined) return "";
  switch (shape.type) {
    case "code":
    case "review":
      return termLabel(shape.vocabulary, String(value));
    case "boolean":
      return say(value === true ? "yes" : "no");
    case "integer":
      return typeof value === "number" ? new Intl.NumberFormat(language()).format(value) : String(value);
    case "money":
      return moneyShown(String(value));
    case "date":
      return known(String(value));
    case "moment":
      return exact(String(value));
    case "member":
      return nameOf(String(value));
    case "reference":
      return `${shape.references ? typeLabel(shape.references) : ""} ${numberOf(String(value))}`.trim();
    default:
      return typeof value === "string" ? value : JSON.stringify(value);
  }
}

/** An amount with its thousands apart, its fraction as it was said. */
export function moneyShown(amount: string): string {
  const digits = amount.split(".")[1]?.length ?? 0;
  const number = Number(amount);
  if (!Number.isSafeInteger(Math.trunc(number))) return amount;
  return new Intl.NumberFormat(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(number);
}
