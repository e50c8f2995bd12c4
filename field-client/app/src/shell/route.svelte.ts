// Where in the app a person is: the fragment of the address, which no server is told. A record is
// named by a handle drawn at random and forgotten at lock, for its id would tell when it was seen.
import type { Key } from "../words/words.svelte";

export const screens = ["today", "records", "sync", "more", "settings", "keys", "new", "teams", "people", "replicas"] as const;
export type Screen = (typeof screens)[number];
/** The pages below Teams, People and Replicas. All but one are about somebody or something. */
export const roster_pages = ["team", "person", "person_new", "places", "invite", "lost"] as const;
export type RosterPage = (typeof roster_pages)[number];
export type Place =
  | { screen: Screen }
  | { screen: "record"; handle: string; page: string }
  | { screen: "roster"; page: RosterPage; subject: string };

/** What a handle stands for: a record, or one that is being begun. */
export interface Held {
  record: string | null;
  type: string;
  team: string | null;
}

const held = new Map<string, Held>();
const subjects = new Map<string, string>();
const route = $state<{ place: Place }>({ place: { screen: "today" } });

export const place = (): Place => route.place;
export const heldBy = (handle: string): Held | undefined => held.get(handle);

/** The handle of a record, the same as long as the store is open. */
export function handleOf(record: string, type: string): string {
  for (const [handle, one] of held) if (one.record === record) return handle;
  return hold({ record, type, team: null });
}

/** A handle for a record that is about to be begun. */
export const handleOfNew = (type: string, team: string | null): string => hold({ record: null, type, team });

export const addressOf = (handle: string, page: string): string => `#/r/${handle}/${page}`;

/** Where a page about a team, a person or a replica is, by a handle as records have one. */
export function rosterAddress(page: RosterPage, subject = ""): string {
  if (subject === "") return `#/a/${page}`;
  for (const [handle, id] of subjects) if (id === subject) return `#/a/${page}/${handle}`;
  const handle = newHandle();
  subjects.set(handle, subject);
  return `#/a/${page}/${handle}`;
}

export function go(address: string, replace = false): void {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  read();
}

/** At lock nothing that was opened can be told from the address or found again by it. */
export function forgetHandles(): void {
  held.clear();
  subjects.clear();
  go("#/today", true);
}

export function followAddress(): void {
  addEventListener("hashchange", read);
  addEventListener("popstate", read);
  read();
}

/** The message key of the screen's title, which is all a window may say. */
export const titleOf = (at: Place): Key => `title_${at.screen === "roster" ? at.page : at.screen}` as Key;

function read(): void {
  const [, first, handle, page] = location.hash.split("/");
  const roster_page = first === "a" ? roster_pages.find((one) => one === handle) : undefined;
  if (roster_page && (roster_page === "person_new" || subjects.has(page ?? ""))) {
    route.place = { screen: "roster", page: roster_page, subject: subjects.get(page ?? "") ?? "" };
  } else if (first === "r" && handle && held.has(handle)) {
    route.place = { screen: "record", handle, page: page ?? "facts" };
  } else {
    route.place = { screen: screens.find((screen) => screen === first) ?? "today" };
  }
}

function hold(one: Held): string {
  const handle = newHandle();
  held.set(handle, one);
  return handle;
}

function newHandle(): string {
  const chance = crypto.getRandomValues(new Uint8Array(9));
  return btoa(String.fromCharCode(...chance)).replaceAll("+", "-").replaceAll("/", "_");
}
