// How calls reach a replica behind `godwit open`: by POST to the loopback address this page came
// from. The only file that knows it; a worker in a browser brings another with the same two
// functions. Spec: app-host.md §2, §4.
import { Refusal } from "./refusal";

const token_key = "godwit-token";

/** Takes the secret out of the address, before anything else can read it, and trades it for a token. */
export async function openSession(): Promise<void> {
  const secret = /^#k=([\w-]+)$/.exec(location.hash)?.[1];
  if (secret === undefined) return;
  history.replaceState(null, "", location.pathname);
  const answer = await post("/session", { secret }, {});
  if (answer.status === 401) sessionStorage.removeItem(token_key);
  if (!answer.ok) return;
  const { token } = (await answer.json()) as { token: string };
  sessionStorage.setItem(token_key, token);
}

/** Sends one JSON-RPC request; its response. Fails with no_session or host_gone. */
export async function send(request: object): Promise<unknown> {
  const token = sessionStorage.getItem(token_key);
  if (token === null) throw noSession();
  const answer = await post("/call", request, { "Godwit-Token": token });
  if (answer.status === 401 || answer.status === 403) {
    sessionStorage.removeItem(token_key);
    throw noSession();
  }
  if (!answer.ok) throw hostGone();
  return answer.json();
}

async function post(path: string, body: object, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  } catch {
    throw hostGone();
  }
}

// Screens say these two in their own words, by code.
const noSession = () => new Refusal({ code: "no_session", kind: "stale", message: "", next: "" });
const hostGone = () => new Refusal({ code: "host_gone", kind: "unreachable", message: "", next: "" });
