import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Field, Type } from "../bridge/methods";
import { clusters, isAsked, missingOf, pagesOf } from "./pages";

/** A record type as the replica tells it, from the file it tells it from. */
function typeFrom(name: string): Type {
  const file = JSON.parse(readFileSync(new URL(`../../../../shared/records/${name}.json`, import.meta.url), "utf8"));
  const fields = file.fields.map(({ name: field, parts, ...rest }: { name: string; parts?: Array<{ name: string }> }) => ({
    vocabulary: null, together: null, when: null, required: false, min: null, max: null, ...rest, field,
    parts: parts?.map(({ name: part, ...of }) => ({ vocabulary: null, required: false, ...of, part })),
  })) as Field[];
  return { type: name, label: file.label, audience: file.audience, fields };
}

test("who can hear and consent come before anything else of a testimony", () => {
  const pages = pagesOf(typeFrom("testimony"), {});
  expect(pages.slice(0, 2).map((page) => page.kind)).toEqual(["hear", "consent"]);
  expect(pages.at(-1)!.kind).toBe("check");
});

test("every field that is asked stands on one page and no other", () => {
  for (const name of ["visit", "testimony", "worker", "referral", "follow_up"]) {
    const type = typeFrom(name);
    const placed = pagesOf(type, {}).flatMap((page) => page.fields.map((field) => field.field));
    const asked = type.fields.filter((field) => isAsked(field, {}) && field.field !== "duplicate_index").map((field) => field.field);
    expect([...placed].sort()).toEqual([...asked].sort());
  }
});

test("what is asked only of a place of detention appears with it", () => {
  const type = typeFrom("visit");
  const codes = (values: Record<string, unknown>) => pagesOf(type, values).map((page) => page.code);
  expect(codes({})).not.toContain("detention_access");
  expect(codes({ site_type: "prison" })).toContain("detention_access");
  expect(codes({ site_type: "shelter" })).not.toContain("detention_access");
});

test("only what is required and asked is missing", () => {
  expect(missingOf(typeFrom("visit"), { date: "2026-11-12" }).map((field) => field.field)).toEqual(["site_type"]);
});

test("an amount stands beside its currency and period", () => {
  const type = typeFrom("testimony");
  const owed = clusters(type.fields).find((cluster) => cluster[0]!.field === "wages_owed")!;
  expect(owed.map((field) => field.field)).toEqual(["wages_owed", "wages_owed_currency", "wages_owed_period"]);
});
