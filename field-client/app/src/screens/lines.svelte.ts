// The records this replica lists, newest first, with how far each has come. `list` gives them by id
// and without their grade, so both are made up for here.
import { call, type Result } from "../bridge/call";
import type { Line } from "../bridge/methods";
import { fieldOf, typeLabel } from "../forms/catalogue.svelte";
import { numberOf, shown } from "../forms/shown";
import { me, session } from "../shell/session.svelte";
import { filled } from "../forms/draft.svelte";

export type Grade = Result<"show">["saved"];
const page_max = 10_000;

/** Every record that is listed to this person. Fails as `list` does. */
export async function loadLines(archived: boolean): Promise<Line[]> {
  const lines: Line[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page: Result<"list"> = await call("list", { archived, limit: page_max, ...(after ? { after } : {}) });
    lines.push(...page.records);
    after = page.after;
  }
  return lines.sort((one, other) => other.updated.localeCompare(one.updated));
}

/** How far this replica's own changes of a record have come. */
export async function gradeOf(line: Line): Promise<Grade> {
  const status = session.status;
  // Where nothing waits, no record does: one answer instead of one a record.
  if (status && status.unsent === 0) return status.safe >= status.saved ? "safe" : "delivered";
  return (await call("show", { record: line.record })).saved;
}

export const titleOfLine = (line: Line): string => `${typeLabel(line.type)} ${numberOf(line.record)}`;

/** What a list may say of a record: its required fields, and nothing that names a person. */
export const summaryOf = (line: Line): string[] =>
  Object.entries(line.summary).flatMap(([name, value]) => {
    const field = fieldOf(line.type, name);
    return field && filled(value) ? [shown(line.type, field, value)] : [];
  });

export const isMine = (line: Line): boolean => line.owner === me();
export const isOpenToMe = (line: Line): boolean => isMine(line) && (line.review === "draft" || line.review === "returned");
