// The developer's way to carry the app while one works on it: serves dist on loopback under the
// rules of app-host.md and passes calls to `godwit rpc`. For people there is `godwit open`.
//
//   node dev/host.mjs STORE [PORT]      GODWIT_BIN: folder of the programs
import { spawn } from "node:child_process";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const [store, wanted_port = "0"] = process.argv.slice(2);
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const programs = process.env.GODWIT_BIN ?? fileURLToPath(new URL("../../../build/release/bin/", import.meta.url));
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; " +
  "frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html";
const kinds = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

let secret = randomBytes(32).toString("base64url");
let session = null;
const state = { syncing: false, last_sync: null };

const replica = spawn(join(programs, "godwit"), ["--store", store, "rpc"], { stdio: ["pipe", "pipe", "inherit"] });
replica.on("exit", (code) => process.exit(code ?? 1));
const waiting = [];
createInterface({ input: replica.stdout }).on("line", (line) => waiting.shift()?.(JSON.parse(line)));
const ask = (request) =>
  new Promise((answered) => {
    waiting.push(answered);
    replica.stdin.write(`${JSON.stringify(request)}\n`);
  });

/** The host's own method, from what passed through it. */
async function host() {
  const status = await ask({ jsonrpc: "2.0", id: 0, method: "status", params: {} });
  const code = status.error?.data?.code;
  return {
    enrolled: code !== "not_enrolled",
    locked: code !== undefined,
    syncing: state.syncing,
    step: null,
    done: 0,
    total: 0,
    last_sync: state.last_sync,
    next_sync_s: null,
    version: "development",
  };
}

async function answer(request) {
  if (request.method === "host") return { jsonrpc: "2.0", id: request.id, result: await host() };
  if (request.method !== "sync") return ask(request);
  state.syncing = true;
  const response = await ask(request);
  state.syncing = false;
  const { code, kind, message, next } = response.error?.data ?? {};
  state.last_sync = { at: new Date().toISOString(), refusal: code ? { code, kind, message, next } : null };
  return response;
}

const same = (one, other) => timingSafeEqual(createHash("sha256").update(one).digest(), createHash("sha256").update(other).digest());

function bodyOf(request) {
  return new Promise((read, refuse) => {
    let text = "";
    request.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () => {
      try {
        read(JSON.parse(text));
      } catch (failure) {
        refuse(failure);
      }
    });
  });
}

function file(path) {
  const name = normalize(path === "/" ? "/index.html" : path);
  const full = join(dist, name);
  return full.startsWith(dist) && existsSync(full) && kinds[extname(full)] ? full : null;
}

const server = createServer(async (request, response) => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const end = (status, body = {}, more = {}) => {
    response.writeHead(status, { "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store", "Content-Type": "application/json", ...more });
    response.end(typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  };
  if (`http://${request.headers.host}` !== origin) return end(403);
  if (request.method === "GET") {
    const full = file(new URL(request.url, origin).pathname);
    return full ? end(200, readFileSync(full), { "Content-Type": kinds[extname(full)] }) : end(404);
  }
  if (request.method !== "POST" || request.headers.origin !== origin) return end(403);
  const body = await bodyOf(request).catch(() => null);
  if (request.url === "/session") {
    if (!secret || !same(String(body?.secret), secret)) return end(401);
    secret = null;
    session = { token: randomBytes(32).toString("base64url"), cookie: randomBytes(32).toString("base64url") };
    return end(200, { token: session.token }, { "Set-Cookie": `godwit=${session.cookie}; HttpOnly; SameSite=Strict; Path=/` });
  }
  const is_known =
    session && same(request.headers["godwit-token"] ?? "", session.token) && same(request.headers.cookie ?? "", `godwit=${session.cookie}`);
  if (request.url !== "/call" || !is_known) return end(401);
  end(200, await answer(body));
});
const link = () => console.log(`http://127.0.0.1:${server.address().port}/#k=${secret}`);
server.listen(Number(wanted_port), "127.0.0.1", link);
// Enter prints a new link, which makes the one before it void.
process.stdin.on("data", () => {
  secret = randomBytes(32).toString("base64url");
  link();
});
