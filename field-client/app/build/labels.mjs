// What the record types and vocabularies say and the method `types` leaves out: the labels of
// groups and of an event's parts, and the facts that stand beside terms.

const own = (type) => type.fields.filter((field) => field.parts);
const partsOf = (field) => Object.fromEntries(field.parts.map((part) => [part.name, part.label]));

/** The text of src/bridge/labels.ts. `read` gives a JSON file of shared/ by its path. */
export function labels(read) {
  const common = read("records/common.json");
  const types = common.types.map((name) => read(`records/${name}.json`));
  const groups = {};
  const parts = {};
  for (const type of types) {
    groups[type.type] = Object.fromEntries([...common.groups, ...type.groups].map((group) => [group.code, group.label]));
    parts[type.type] = Object.fromEntries([...own(common), ...own(type)].map((field) => [field.name, partsOf(field)]));
  }
  const facts = (name, keys) =>
    Object.fromEntries(
      read(`records/vocabularies/${name}.json`).terms.map((term) => [
        term.code,
        Object.fromEntries(keys.filter((key) => term[key] !== undefined).map((key) => [key, term[key]])),
      ]),
    );
  const categories = Object.fromEntries(
    read("records/vocabularies/violation_categories.json").terms.map((term) => [term.code, term.label]),
  );
  const say = (name, type, value) => `export const ${name}: ${type} = ${JSON.stringify(value)};\n`;
  const table = "Record<string, Record<string, string>>";
  return [
    "// Made by build/methods.mjs from shared/records. Not written by hand.\n",
    say("groupLabels", table, groups),
    say("partLabels", `Record<string, ${table}>`, parts),
    say("violationFacts", "Record<string, { parent?: string; definition?: string }>", facts("violations", ["parent", "definition"])),
    say("violationCategories", "Record<string, string>", categories),
    say(
      "scopeFacts",
      "Record<string, { exposure_rank: number; audience: string[]; reversible: string }>",
      facts("consent_scopes", ["exposure_rank", "audience", "reversible"]),
    ),
  ].join("\n");
}
