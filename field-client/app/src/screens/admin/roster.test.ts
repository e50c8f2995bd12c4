import { describe, expect, test } from "vitest";
import { changesOf, holdersOf, isLastAdministrator, isOpen, membersOf, no_team, placesToState, type Roster } from "./roster";

const north = "aa".repeat(16);
const south = "bb".repeat(16);
const roster: Roster = {
  organisation: "Harbour Network",
  teams: [{ team: north, name: "North", readers: [{ readers: "members", epoch: 1, granted: ["r1", "r2"] }] }],
  members: [
    { member: "asha", name: "Asha", places: [{ team: north, role: "worker" }] },
    { member: "dina", name: "Dina", places: [{ team: north, role: "supervisor" }] },
    { member: "noor", name: "Noor", places: [{ team: no_team, role: "administrator" }] },
  ],
  replicas: [
    { replica: "r1", member: "dina", role: "supervisor", revoked: null, enrolled: "2026-11-20T08:00:00.000Z" },
    { replica: "r2", member: "dina", role: "supervisor", revoked: "compromised", enrolled: "2026-11-20T08:00:00.000Z" },
    { replica: "r3", member: "asha", role: "worker", revoked: null, enrolled: "2026-11-20T08:00:00.000Z" },
  ],
  invitations: [],
  waiting: [{ team: north, readers: "members", replica: "r3" }],
};

test("a team lists its supervisors first", () => {
  expect(membersOf(roster, north).map((member) => member.name)).toEqual(["Dina", "Asha"]);
  expect(membersOf(roster, south)).toEqual([]);
});

test("a key is granted by those that hold it and belong still", () => {
  expect(holdersOf(roster, roster.waiting[0]!).map((replica) => replica.replica)).toEqual(["r1"]);
  expect(holdersOf(roster, { ...roster.waiting[0]!, readers: "supervisors" })).toEqual([]);
});

test("the only administrator is known as such", () => {
  expect(isLastAdministrator(roster, "noor")).toBe(true);
  expect(isLastAdministrator(roster, "dina")).toBe(false);
});

describe("an invitation is open", () => {
  const invitation = { id: "i", member: "asha", expires: "2026-11-27T08:00:00.000Z", used_by: null };
  const before = Date.parse("2026-11-26T08:00:00.000Z");
  const after = Date.parse("2026-11-28T08:00:00.000Z");

  test("until it runs out", () => {
    expect(isOpen(invitation, before)).toBe(true);
    expect(isOpen(invitation, after)).toBe(false);
  });
  test("until it is used", () => {
    expect(isOpen({ ...invitation, used_by: "r3" }, before)).toBe(false);
  });
});

describe("a change of places", () => {
  test("names what is gained, lost and other than before", () => {
    const changes = changesOf(
      [{ team: north, role: "supervisor" }, { team: south, role: "worker" }],
      [{ team: north, role: "worker" }, { team: no_team, role: "administrator" }],
    );
    expect(changes).toEqual([
      { team: no_team, from: null, to: "administrator" },
      { team: north, from: "supervisor", to: "worker" },
      { team: south, from: "worker", to: null },
    ]);
  });
  test("is none where all stayed", () => {
    expect(changesOf([{ team: north, role: "worker" }], [{ team: north, role: "worker" }])).toEqual([]);
  });
});

test("a place beside the teams is stated without a team", () => {
  expect(placesToState([{ team: no_team, role: "administrator" }, { team: north, role: "worker" }])).toEqual([
    { role: "administrator" },
    { team: north, role: "worker" },
  ]);
});
