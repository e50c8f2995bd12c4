// Writes src/bridge/methods.ts and src/bridge/labels.ts from what the tree says once: the
// descriptions of the replica's and the host's methods, and the record types.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { typeOf, parametersOf } from "./schema.mjs";
import { labels } from "./labels.mjs";

const shared = fileURLToPath(new URL("../../../shared/", import.meta.url));
const bridge = fileURLToPath(new URL("../src/bridge/", import.meta.url));
const read = (name) => JSON.parse(readFileSync(shared + name, "utf8"));

const descriptions = ["spec/replica-call.openrpc.json", "spec/app-host.openrpc.json"].map(read);
const out = ["// Made by build/methods.mjs from shared/spec. Not written by hand.", ""];

for (const { components } of descriptions) {
  for (const [name, schema] of Object.entries(components?.schemas ?? {})) {
    if (schema.description) out.push(`/** ${schema.description} */`);
    out.push(`export type ${name} = ${typeOf(schema)};`, "");
  }
}
out.push("export interface Methods {");
for (const { methods } of descriptions) {
  for (const method of methods) {
    out.push(`  /** ${method.summary} */`);
    out.push(`  ${method.name}: {`);
    out.push(`    params: ${parametersOf(method.params)};`);
    out.push(`    result: ${typeOf(method.result.schema)};`, "  };");
  }
}
out.push("}", "");
writeFileSync(bridge + "methods.ts", out.join("\n"));
writeFileSync(bridge + "labels.ts", labels(read));
