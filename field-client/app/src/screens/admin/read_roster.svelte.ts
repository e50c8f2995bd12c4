// The roster on screen, read anew whenever the server was heard.
import { call } from "../../bridge/call";
import { session } from "../../shell/session.svelte";
import type { Roster } from "./roster";

export async function readRoster(): Promise<void> {
  const roster = await call("roster", {});
  if (session.status) session.roster = roster;
}

/** For a screen that shows the roster, while it stands. */
export function followRoster(): void {
  $effect(() => {
    void session.status?.last_contact;
    // A refusal is the shell's to show; the roster on screen stays as it is.
    readRoster().catch(() => undefined);
  });
}

export const roster = (): Roster =>
  session.roster ?? { organisation: "", teams: [], members: [], replicas: [], invitations: [], waiting: [] };
