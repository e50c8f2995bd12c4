// Roles and places as screens say them.
import type { HeldPlace, Role } from "../../bridge/methods";
import { teamName } from "../../shell/session.svelte";
import { language, say, type Key } from "../../words/words.svelte";
import { no_team, type PlaceChange } from "./roster";

const roles: Record<Role, Key> = {
  worker: "role_worker",
  supervisor: "role_supervisor",
  administrator: "role_administrator",
  advocate: "role_advocate",
};

export const roleName = (role: Role): string => say(roles[role]);

export const placeText = (place: HeldPlace): string =>
  place.team === no_team ? roleName(place.role) : say("role_in_team", { role: roleName(place.role), team: teamName(place.team) });

/** Every role among `places`, once; a replica's own `role` in the roster is only the first. */
export const rolesText = (places: HeldPlace[]): string =>
  places.length === 0
    ? say("no_place")
    : new Intl.ListFormat(language(), { type: "unit" }).format([...new Set(places.map((place) => roleName(place.role)))]);

const gains: Record<Role, Key> = {
  worker: "gains_worker",
  supervisor: "gains_supervisor",
  administrator: "gains_administrator",
  advocate: "gains_advocate",
};

/** What a change of places does to whom it is about, a sentence each. */
export function meaningOf(change: PlaceChange): string[] {
  const team = teamName(change.team);
  const out: string[] = [];
  if (change.team === no_team) {
    if (change.from === "administrator") out.push(say("loses_administrator"));
    if (change.to === "administrator") out.push(say("gains_administrator"));
    if (change.to === "advocate") out.push(say("gains_advocate_nowhere"));
    return out;
  }
  if (change.to !== null) out.push(say(gains[change.to], { team }));
  if (change.to === null) out.push(say("loses_team", { team }), say("loses_unsent", { team }));
  else if (change.from === "supervisor") out.push(say("loses_supervision", { team }));
  return out;
}
