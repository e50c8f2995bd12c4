// Five minutes without a touch lock the store. The last half minute says so, where it is seen and
// where it is heard, once.
import { say } from "../words/words.svelte";
import { speakAtOnce } from "./live";
import { lock, session } from "./session.svelte";

const idle_s_max = 300;
const warning_s = 30;

const idle = $state({ left_s: idle_s_max });
let touched_at = Date.now();

/** Seconds until the store locks, or null while there is no need to say. */
export const secondsLeft = (): number | null => (idle.left_s <= warning_s ? Math.max(0, idle.left_s) : null);

let held_open = 0;

/** No lock for idleness until what it returns is called: while something is shown that nobody can
 * show again. */
export function holdOpen(): () => void {
  held_open++;
  return () => void held_open--;
}

export function watchIdleness(): void {
  for (const act of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    addEventListener(act, touch, { capture: true, passive: true });
  }
  setInterval(tick, 1000);
}

function touch(): void {
  touched_at = Date.now();
  idle.left_s = idle_s_max;
}

function tick(): void {
  if (session.status === null || held_open > 0) return touch();
  const before = idle.left_s;
  // By the clock and not by counting: a laptop that slept must wake up locked.
  idle.left_s = idle_s_max - Math.floor((Date.now() - touched_at) / 1000);
  if (before > warning_s && idle.left_s <= warning_s && idle.left_s > 0) {
    speakAtOnce(say("locking_soon", { seconds: idle.left_s }));
  }
  if (idle.left_s <= 0) {
    touch();
    void lock().catch(() => undefined);
  }
}
