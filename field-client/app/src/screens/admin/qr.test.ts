import { expect, test } from "vitest";
import { drawQr, quiet, sharpWidth } from "./qr";

/** The squares that a path darkens, as rows of # and blanks. */
function squares({ path, size }: { path: string; size: number }): string[] {
  const rows = Array.from({ length: size }, () => Array<string>(size).fill(" "));
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) rows[Number(y)]!.fill("#", Number(x), Number(x) + Number(run));
  return rows.map((row) => row.join(""));
}

test("a picture has its three corners, in the places that say which way is up, within a light border", () => {
  const qr = drawQr("godwit-invite:AQ");
  const rows = squares(qr);
  const eye = ["#######", "#     #", "# ### #", "# ### #", "# ### #", "#     #", "#######"];
  const at = (x: number, y: number) => eye.map((_, line) => rows[y + line]!.slice(x, x + eye.length));
  const far = qr.size - quiet - eye.length;
  expect(at(quiet, quiet)).toEqual(eye);
  expect(at(far, quiet)).toEqual(eye);
  expect(at(quiet, far)).toEqual(eye);
  expect(at(far, far)).not.toEqual(eye);
  const blank = " ".repeat(qr.size);
  for (let line = 0; line < quiet; line++) expect([rows[line], rows[qr.size - 1 - line]]).toEqual([blank, blank]);
  for (const row of rows) expect([row.slice(0, quiet), row.slice(-quiet)]).toEqual([" ".repeat(quiet), " ".repeat(quiet)]);
});

test("a picture is not mirrored: the square that is always dark lies beside the lower corner", () => {
  for (const text of ["godwit-invite:AQ", "godwit-invite:Ag", "godwit-invite:Aw", "godwit-invite:BA"]) {
    const qr = drawQr(text);
    expect([text, squares(qr)[qr.size - quiet - 8]![quiet + 8]]).toEqual([text, "#"]);
  }
});

test("an invitation of two thousand characters still fits", () => {
  expect(drawQr("a".repeat(2000)).size).toBeGreaterThan(100);
});

test("every square is a whole number of dots", () => {
  for (const [size, room, dots] of [[141, 320, 1], [141, 360, 2], [141, 393, 2.75], [141, 600, 1.25]] as const) {
    const width = sharpWidth(size, room, dots);
    expect(width).toBeLessThanOrEqual(room);
    expect(((width * dots) / size) % 1).toBeCloseTo(0);
  }
});

test("where a square would be one dot, all the room is used", () => {
  expect(sharpWidth(185, 320, 1)).toBe(320);
});
