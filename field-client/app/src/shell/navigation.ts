// What each role finds in the navigation. A tab stands here once its screen does.
import type { Role } from "../bridge/methods";
import type { Key } from "../words/words.svelte";
import type { Screen } from "./route.svelte";

interface Tab {
  screen: Screen;
  title: Key;
}

const today: Tab = { screen: "today", title: "title_today" };
const records: Tab = { screen: "records", title: "title_records" };
const sync: Tab = { screen: "sync", title: "title_sync" };
const more: Tab = { screen: "more", title: "title_more" };
const settings: Tab = { screen: "settings", title: "title_settings" };

const teams: Tab = { screen: "teams", title: "title_teams" };
const people: Tab = { screen: "people", title: "title_people" };
const replicas: Tab = { screen: "replicas", title: "title_replicas" };

const by_role: Record<Role, Tab[]> = {
  worker: [today, records, sync, more],
  supervisor: [today, records, sync, settings],
  administrator: [teams, people, replicas, sync, settings],
  advocate: [records, sync, settings],
};

export const tabsOf = (role: Role | null): Tab[] => (role ? by_role[role] : [sync, settings]);

/** Whether this role writes records of its own. */
export const captures = (role: Role | null): boolean => role === "worker" || role === "supervisor";
