// What this person stated of who belongs, since the store was opened: what still waits for a sync,
// and what the server would not take. The replica keeps the statements; it does not list those that
// wait, so they are counted here.
import { call, type Result } from "../bridge/call";
import type { Values } from "../words/message";
import { say, type Key } from "../words/words.svelte";
import { speakPolitely } from "./live";
import { session } from "./session.svelte";

export interface Stated {
  /** What was stated, for whatever language the screen speaks when it is read. */
  key: Key;
  values: Values;
  /** The last sync that was done when it was stated, and how many more must be done. */
  seen: string | null;
  syncs: number;
}
export type RefusedStatement = NonNullable<Result<"sync">["refused"]>[number];

const said = $state<{ waiting: Stated[]; refused: RefusedStatement[] }>({ waiting: [], refused: [] });

export const stated = (): Stated[] => said.waiting;
export const refusedStatements = (): RefusedStatement[] => said.refused;

/** To be called once the replica has signed it; `key` and `values` say what it was. */
export async function noteStated(key: Key, values: Values): Promise<void> {
  const host = await call("host", {});
  // A sync that is under way may have passed the statements by; the one after it takes them.
  said.waiting.push({ key, values, seen: host.last_sync?.at ?? null, syncs: host.syncing ? 2 : 1 });
  speakPolitely(`${say(key, values)}. ${say("goes_next_sync", { n: said.waiting.length })}`);
}

/** Keeps what a sync told; it stays on screen until it is put away. */
export function noteRefused(refused: RefusedStatement[]): void {
  said.refused.push(...refused);
  if (refused.length > 0) speakPolitely(say("server_refused", { n: said.refused.length }));
}

export function putRefusedAway(): void {
  said.refused = [];
}

$effect.root(() => {
  $effect(() => {
    const last = session.host?.last_sync;
    if (last && last.refusal === null) passed(last.at);
  });
  $effect(() => {
    if (session.status !== null) return;
    said.waiting = [];
    said.refused = [];
  });
});

function passed(at: string): void {
  const now: Stated[] = [];
  for (const one of said.waiting) {
    const syncs = one.seen === at ? one.syncs : one.syncs - 1;
    if (syncs > 0) now.push({ ...one, seen: at, syncs });
  }
  if (now.length < said.waiting.length || now.some((one, index) => one.syncs !== said.waiting[index]!.syncs)) said.waiting = now;
}
