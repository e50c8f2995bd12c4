import { expect, test } from "vitest";
import { complete, completions } from "./phrase_words";

test("the last word is completed once four are left", () => {
  expect(completions("baka si")).toEqual([]);
  expect(completions("baka sil")).toEqual(["sila", "sile", "sili", "silu"]);
  expect(completions("baka sila")).toEqual([]);
});

test("what no word begins with is not completed", () => {
  expect(completions("xyl")).toEqual([]);
  expect(completions("")).toEqual([]);
});

test("completing keeps the words before", () => {
  expect(complete("baka sil", "sila")).toBe("baka sila ");
});
