// Whether a person may be here, who they are, and how far their work has come. Every screen reads
// it; nothing here is guessed, all of it was answered by the replica or its host.
import { call, onRefusal, type Result } from "../bridge/call";
import type { Refusal } from "../bridge/refusal";
import { openSession } from "../bridge/transport";
import { forgetCatalogue, loadCatalogue } from "../forms/catalogue.svelte";
import { flushAll } from "../forms/unsaved";
import { forgetHandles } from "./route.svelte";
import { forgetUndo } from "./undo.svelte";

export type Phase = "starting" | "no_session" | "host_gone" | "enrol" | "locked" | "open" | "retired" | "compromised";

interface Session {
  phase: Phase;
  host: Result<"host"> | null;
  status: Result<"status"> | null;
  roster: Result<"roster"> | null;
  /** The host does not answer now. What is on screen stays there. */
  gone: boolean;
}

export const session = $state<Session>({ phase: "starting", host: null, status: null, roster: null, gone: false });

const refresh_pause_ms = 4000;

export async function start(): Promise<void> {
  onRefusal(leaveBy);
  try {
    await openSession();
    await look();
  } catch {
    // leaveBy() has chosen the screen already.
  }
  setInterval(() => void refresh(), refresh_pause_ms);
  // A new link, opened where the app stands already, is a new session and no new page.
  addEventListener("hashchange", () => void resume());
}

async function resume(): Promise<void> {
  if (!location.hash.startsWith("#k=")) return;
  try {
    await openSession();
    await look();
  } catch {
    // leaveBy() has chosen the screen already.
  }
}

/** Asks the host how it stands, and the replica if it is open. */
export async function look(): Promise<void> {
  const host = await call("host", {});
  session.host = host;
  session.gone = false;
  if (!host.enrolled) session.phase = "enrol";
  else if (host.locked) session.phase = "locked";
  else await enter();
}

/** Fails with wrong_phrase. */
export async function unlock(phrase: string): Promise<void> {
  await call("unlock", { phrase });
  await look();
}

/** Writes what is unsaved, closes the store, and forgets everything that was on screen. */
export async function lock(): Promise<void> {
  await flushAll();
  forgetOpened();
  session.phase = "locked";
  await call("lock", {});
}

/** Asks the server now. Fails as the replica does; the state on screen follows either way. */
export async function syncNow(): Promise<Result<"sync">> {
  try {
    return await call("sync", {});
  } finally {
    await refresh();
  }
}

export async function refresh(): Promise<void> {
  if (document.hidden) return;
  const waits_for_host = session.phase === "host_gone";
  if (session.phase !== "open" && session.phase !== "retired" && !waits_for_host) return;
  try {
    if (waits_for_host) return await look();
    const host = await call("host", {});
    if (host.locked) return closed(host);
    session.host = host;
    session.gone = false;
    session.status = await call("status", {});
    stand();
  } catch {
    // leaveBy() has chosen the screen already; the next round tries again.
  }
}

export const me = (): string => session.status?.member ?? "";

/** The name of a member, or of whoever holds a replica; the start of an id that nobody names. */
export function nameOf(id: string): string {
  const member = session.roster?.replicas.find((one) => one.replica === id)?.member ?? id;
  return session.roster?.members.find((one) => one.member === member)?.name ?? id.slice(0, 8);
}

/** Whether a change's author, which is a replica, is held by this person. */
export const isByMe = (author: string): boolean =>
  session.roster?.replicas.find((one) => one.replica === author)?.member === me();

export const teamName = (team: string): string => session.roster?.teams.find((one) => one.team === team)?.name ?? "";

/** The teams this person may capture for. */
export const ownTeams = (): string[] =>
  (session.roster?.members.find((one) => one.member === me())?.places ?? [])
    .filter((place) => place.role === "worker" || place.role === "supervisor")
    .map((place) => place.team);

async function enter(): Promise<void> {
  session.status = await call("status", {});
  session.roster = await call("roster", {});
  await loadCatalogue();
  stand();
}

function stand(): void {
  const standing = session.status?.standing;
  session.phase = standing === "retired" || standing === "compromised" ? standing : "open";
}

function closed(host: Result<"host">): void {
  forgetOpened();
  session.host = host;
  session.phase = "locked";
}

function forgetOpened(): void {
  session.status = null;
  session.roster = null;
  forgetCatalogue();
  forgetUndo();
  forgetHandles();
}

function leaveBy(refusal: Refusal): void {
  if (refusal.code === "host_gone") {
    session.gone = true;
    if (session.phase === "starting") session.phase = "host_gone";
  } else if (refusal.code === "no_session") {
    forgetOpened();
    session.phase = "no_session";
  } else if (refusal.code === "store_locked" && session.phase === "open") {
    // So the replica answers whatever is asked while its store is closed.
    forgetOpened();
    session.phase = "locked";
  }
}
