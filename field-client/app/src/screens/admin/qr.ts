// A text as a QR picture: the outline of its dark squares, and how wide it is drawn so that each
// square is a whole number of the screen's dots.
import { encode } from "uqr";

/** The light border that cameras need, in squares. */
export const quiet = 4;

export interface Qr {
  /** Squares a side, border included. */
  size: number;
  /** The dark ones as an SVG path, one unit a square. */
  path: string;
}

export function drawQr(text: string): Qr {
  const { data } = encode(text, { ecc: "L", border: 0 });
  const runs: string[] = [];
  data.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      const from = x;
      while (row[x]) x++;
      if (x > from) runs.push(`M${from + quiet} ${y + quiet}h${x - from}v1h${from - x}z`);
    }
  });
  return { size: data.length + 2 * quiet, path: runs.join("") };
}

/** How wide to draw `size` squares in `room` pixels of a screen with `dots` to the pixel. */
export function sharpWidth(size: number, room: number, dots: number): number {
  const step = Math.floor((room * dots) / size);
  // With one dot a square no camera reads it: rather all the room there is.
  return step < 2 ? room : (step * size) / dots;
}
