// Weighs what was built, gzipped, and fails past the limit: the app is carried over thin links.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";

const limit_bytes = 250 * 1024;
const assets = fileURLToPath(new URL("../dist/assets/", import.meta.url));
const weights = readdirSync(assets).map((name) => ({ name, bytes: gzipSync(readFileSync(assets + name)).length }));
const total = weights.reduce((sum, file) => sum + file.bytes, 0);
for (const { name, bytes } of weights) console.log(`${String(bytes).padStart(8)}  ${name}`);
console.log(`${String(total).padStart(8)}  bytes gzipped in all, of ${limit_bytes}`);
if (total > limit_bytes) process.exit(1);
