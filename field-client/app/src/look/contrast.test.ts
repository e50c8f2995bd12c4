import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ratio, themesOf, type Theme } from "./contrast";

const { light, dark } = themesOf(readFileSync(new URL("./tokens.css", import.meta.url), "utf8"));

// The figures the design promises: light, dark.
const promised: Record<string, [number, number]> = {
  page: [15.6, 15.8], surface: [16.9, 14.3], sunken: [14.2, 16.7], text: [14.2, 14.3], text2: [7.5, 9.2],
  edge: [4.0, 5.4], line: [1.3, 1.5], focus: [7.2, 9.4], accent: [7.3, 7.2], "on-accent": [8.8, 8.9],
  add: [13.5, 9.9], cut: [13.1, 11.2], mark: [13.5, 7.7],
  saved: [7.8, 7.9], delivered: [7.3, 7.2], safe: [7.2, 8.0], waiting: [7.3, 8.8], parked: [7.0, 7.8],
  conflict: [7.4, 7.9], danger: [7.3, 7.8],
};
const grounds = ["page", "surface", "sunken"];
const under_text = new Set([...grounds, "add", "cut", "mark"]);

/** The lowest ratio a token has where it is used. */
function lowest(theme: Theme, token: string): number {
  const colour = (name: string) => theme.get(name)!;
  if (under_text.has(token)) return ratio(colour("text"), colour(token));
  if (token === "on-accent") return ratio(colour(token), colour("accent"));
  // The accent is also written on the ground of a chosen row.
  const own = theme.has(`${token}-ground`) ? [`${token}-ground`] : token === "accent" ? ["delivered-ground"] : [];
  return Math.min(...[...grounds, ...own].map((ground) => ratio(colour(token), colour(ground))));
}

describe("every colour keeps the contrast the design promises", () => {
  test.each(Object.entries(promised))("%s", (token, [in_light, in_dark]) => {
    expect(lowest(light, token)).toBe(in_light);
    expect(lowest(dark, token)).toBe(in_dark);
  });
  test("both themes name the same colours, and the table names each that is no ground", () => {
    expect([...dark.keys()]).toEqual([...light.keys()]);
    expect([...light.keys()].filter((token) => !token.endsWith("-ground")).sort()).toEqual(Object.keys(promised).sort());
  });
});
