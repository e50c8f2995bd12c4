import { beforeEach, expect, test, vi } from "vitest";
import type { Field, Write } from "../bridge/methods";
import { Refusal } from "../bridge/refusal";

const call = vi.hoisted(() => vi.fn());
vi.mock("../bridge/call", () => ({ call }));
vi.mock("../words/words.svelte", () => ({ say: (key: string) => key }));
vi.mock("./catalogue.svelte", () => ({ fieldOf: () => undefined, typeOf: () => undefined }));
const { Draft } = await import("./draft.svelte");

const field = (name: string, type = "text") => ({ field: name, type, together: null }) as Field;
const begun = () => new Draft({ record: null, type: "visit", team: null });
const written = (at: number): Write[] => call.mock.calls[at]![1].writes;
const answer = { writes: [{ record: "ab".repeat(16), change: "" }] };
const refused = new Refusal({ code: "wrong_value", kind: "refused", message: "It does not fit.", next: "" });
const busy = new Refusal({ code: "storage_full", kind: "busy", message: "", next: "" });

beforeEach(() => {
  call.mockReset();
  vi.useFakeTimers();
});

test("the first answer begins a draft, the next one edits it", async () => {
  call.mockResolvedValue(answer);
  const draft = begun();
  draft.set(field("site_name"), "Camp");
  await draft.flush();
  draft.set(field("site_name"), "Camp, north");
  await draft.flush();
  expect(written(0)).toMatchObject([{ do: "capture", type: "visit", draft: true, fields: { site_name: "Camp" } }]);
  expect(written(1)).toMatchObject([{ do: "edit", record: "ab".repeat(16) }]);
});

test("saved is not said before the replica has answered", async () => {
  let finish: (value: unknown) => void = () => undefined;
  call.mockReturnValue(new Promise((done) => (finish = done)));
  const draft = begun();
  draft.set(field("site_name"), "Camp");
  const flushed = draft.flush();
  await vi.advanceTimersByTimeAsync(1000);
  expect(draft.saved_at).toBeNull();
  finish(answer);
  await flushed;
  expect(draft.saved_at).not.toBeNull();
});

test("a pause in writing is enough to be written", async () => {
  call.mockResolvedValue(answer);
  begun().set(field("site_name"), "Camp");
  await vi.advanceTimersByTimeAsync(399);
  expect(call).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(call).toHaveBeenCalledOnce();
});

test("a value that does not fit holds back no other", async () => {
  call.mockImplementation(async (_method: string, { writes }: { writes: Array<{ fields: object }> }) => {
    if ("date" in writes[0]!.fields) throw refused;
    return answer;
  });
  const draft = begun();
  draft.set(field("date", "date"), "soon");
  draft.set(field("site_name"), "Camp");
  await draft.flush();
  expect(draft.problems["date"]).toContain("It does not fit.");
  expect(draft.problems["site_name"]).toBeUndefined();
  expect(draft.saved_at).not.toBeNull();
});

test("what could not be written now is kept, said, and tried again", async () => {
  call.mockRejectedValueOnce(busy).mockResolvedValue(answer);
  const draft = begun();
  draft.set(field("site_name"), "Camp");
  await draft.flush();
  expect([draft.failure, draft.is_unsaved, draft.saved_at]).toEqual([busy, true, null]);
  await vi.advanceTimersByTimeAsync(5000);
  expect([draft.failure, draft.is_unsaved]).toEqual([null, false]);
});

test("a session that ended loses nothing that was said", async () => {
  const ended = new Refusal({ code: "no_session", kind: "stale", message: "", next: "" });
  call.mockRejectedValueOnce(ended).mockRejectedValueOnce(ended).mockResolvedValue(answer);
  const draft = begun();
  draft.set(field("site_name"), "Camp");
  await draft.flush();
  await vi.advanceTimersByTimeAsync(5000);
  expect(draft.is_unsaved).toBe(true);
  await vi.advanceTimersByTimeAsync(5000);
  expect([draft.is_unsaved, written(2)[0]]).toEqual([false, expect.objectContaining({ fields: { site_name: "Camp" } })]);
});

test("an answer that was written cannot be made empty, unless it is words", async () => {
  call.mockResolvedValue(answer);
  const draft = begun();
  draft.set(field("site_country", "code"), "NP");
  await draft.flush();
  draft.set(field("site_country", "code"), "");
  expect([draft.values["site_country"], draft.problems["site_country"]]).toEqual(["NP", "cannot_clear"]);
});
