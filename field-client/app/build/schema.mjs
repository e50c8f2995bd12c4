// TypeScript for the part of JSON Schema that the descriptions use. What it does not know it
// refuses, so that a new form is met here and not in a screen.

/** The type a schema allows. */
export function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" | ");
  if (schema.type === undefined) return "unknown";
  const simple = { string: "string", integer: "number", number: "number", boolean: "boolean", null: "null" };
  if (simple[schema.type]) return simple[schema.type];
  if (schema.type === "array") return `Array<${typeOf(schema.items)}>`;
  if (schema.type === "object") return objectOf(schema);
  throw new Error(`build/schema.mjs does not know ${JSON.stringify(schema)}`);
}

/** The type of a method's parameters, given by name. */
export function parametersOf(params) {
  if (params.length === 0) return "Record<string, never>";
  const members = params.map(({ name, required, schema }) => `${name}${required ? "" : "?"}: ${typeOf(schema)}`);
  return `{ ${members.join("; ")} }`;
}

function objectOf(schema) {
  const required = new Set(schema.required ?? []);
  const named = Object.entries(schema.properties ?? {});
  if (named.length === 0) {
    const other = schema.additionalProperties;
    return other ? `Record<string, ${typeOf(other)}>` : "Record<string, never>";
  }
  return `{ ${named.map(([name, of]) => `${name}${required.has(name) ? "" : "?"}: ${typeOf(of)}`).join("; ")} }`;
}
