// The roster, read the way an administrator asks: who is where, in which role, who waits.
import type { Result } from "../../bridge/call";
import type { HeldPlace, Place, Role, Waiting } from "../../bridge/methods";

export type Roster = Result<"roster">;
export type Team = Roster["teams"][number];
export type Member = Roster["members"][number];
export type Replica = Roster["replicas"][number];
export type Invitation = Roster["invitations"][number];

/** In the place of a team: administrators, and advocates who belong to none. */
export const no_team = "0".repeat(32);

export const roles_in_teams: Role[] = ["worker", "supervisor", "advocate"];
export const roles_beside_teams: Role[] = ["administrator", "advocate"];

export const roleIn = (places: HeldPlace[], team: string): Role | null => places.find((place) => place.team === team)?.role ?? null;

/** Who has a place in `team`, supervisors first. */
export const membersOf = (roster: Roster, team: string): Member[] =>
  roster.members
    .filter((member) => roleIn(member.places, team) !== null)
    .sort((one, other) => rank(one, team) - rank(other, team) || one.name.localeCompare(other.name));

export const replicasOf = (roster: Roster, member: string): Replica[] =>
  roster.replicas.filter((replica) => replica.member === member).sort((one, other) => other.enrolled.localeCompare(one.enrolled));

export const supervisorsOf = (roster: Roster, teams: string[]): Member[] =>
  roster.members.filter((member) => teams.some((team) => roleIn(member.places, team) === "supervisor"));

/** Whose replicas can grant the key that somebody waits for: those that hold it and belong still. */
export function holdersOf(roster: Roster, waiting: Waiting): Replica[] {
  const key = roster.teams.find((team) => team.team === waiting.team)?.readers.find((one) => one.readers === waiting.readers);
  return roster.replicas.filter((replica) => replica.revoked === null && key?.granted.includes(replica.replica));
}

export const isOpen = (invitation: Invitation, now_ms: number): boolean =>
  invitation.used_by === null && Date.parse(invitation.expires) > now_ms;

export const isLastAdministrator = (roster: Roster, member: string): boolean =>
  !roster.members.some((one) => one.member !== member && roleIn(one.places, no_team) === "administrator");

/** Places as the method `member` takes them. */
export const placesToState = (places: HeldPlace[]): Place[] =>
  places.map(({ team, role }) => (team === no_team ? { role } : { team, role }));

export interface PlaceChange {
  team: string;
  from: Role | null;
  to: Role | null;
}

/** Where `after` differs from `before`, those beside the teams first. */
export function changesOf(before: HeldPlace[], after: HeldPlace[]): PlaceChange[] {
  const teams = new Set([...before, ...after].map((place) => place.team));
  return [...teams]
    .map((team) => ({ team, from: roleIn(before, team), to: roleIn(after, team) }))
    .filter((change) => change.from !== change.to)
    .sort((one, other) => Number(other.team === no_team) - Number(one.team === no_team));
}

const rank = (member: Member, team: string): number => (roleIn(member.places, team) === "supervisor" ? 0 : 1);
