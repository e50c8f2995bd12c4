import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import en from "./en.json";
import { bracesOf, fill, formsOf } from "./message";

type Messages = Record<string, string>;
const folder = new URL("./", import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));
const awaiting = read("awaiting-native-reader.json") as Record<string, string>;
const files = readdirSync(folder).filter((name) => /^[a-z]{2,3}\.json$/.test(name));

const valuesIn = (message: string) =>
  [...new Set(bracesOf(message).map((brace) => formsOf(brace)?.name ?? brace.trim()))].sort();

describe.each(files)("%s", (file) => {
  const language = file.replace(".json", "");
  const messages = read(file) as Messages;
  const categories = [...new Intl.PluralRules(language).resolvedOptions().pluralCategories].sort();

  test("says everything that English says, and nothing else", () => {
    expect(Object.keys(messages).sort()).toEqual(Object.keys(en).sort());
  });
  test("fills the same values", () => {
    for (const [key, message] of Object.entries(en as Messages)) {
      expect([key, valuesIn(messages[key]!)]).toEqual([key, valuesIn(message)]);
    }
  });
  test("has every plural form the language needs", () => {
    for (const [key, message] of Object.entries(messages)) {
      for (const plural of bracesOf(message).map(formsOf)) {
        if (plural) expect([key, [...plural.forms.keys()].sort()]).toEqual([key, categories]);
      }
    }
  });
  test("never begs, regrets or blames", () => {
    if (language !== "en") return;
    for (const message of Object.values(messages)) expect(message).not.toMatch(/\b(please|sorry|oops|error|invalid|failed)\b/i);
  });
  test("is short enough to be read under strain", () => {
    for (const [key, message] of Object.entries(messages)) {
      const longest = Math.max(message.length, 0) - (message.includes("plural") ? message.length : 0);
      expect([key, longest <= 150]).toEqual([key, true]);
    }
  });
});

test("every language but English is either read by a native or listed as waiting for one", () => {
  expect(Object.keys(awaiting).sort()).toEqual(files.map((file) => file.replace(".json", "")).filter((name) => name !== "en"));
});

describe("a message", () => {
  test("takes the form of its number", () => {
    const message = "{n, plural, one {# record} other {# records}}";
    expect(fill(message, { n: 1 }, "en")).toBe("1 record");
    expect(fill(message, { n: 1204 }, "en")).toBe("1,204 records");
  });
  test("isolates what is filled in, whose direction is not known", () => {
    expect(fill("{name} wrote", { name: "عائشة" }, "en")).toBe("\u2068عائشة\u2069 wrote");
  });
  test("shows braces that stand in a value as they are", () => {
    expect(fill("{name}", { name: "{n}" }, "en")).toBe("\u2068{n}\u2069");
  });
});
