// The keys that work everywhere. Single letters belong to the screens that have a queue.
import { go } from "./route.svelte";
import { lock, session } from "./session.svelte";

const shift_window_ms = 1500;
let shifts: number[] = [];

export function watchKeys(): void {
  addEventListener("keydown", (event) => {
    if (session.status === null) return;
    if (event.key === "Shift" && !event.repeat) return countShift();
    shifts = [];
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      toSearch();
    } else if (event.key === "?" && !isWriting(event.target)) {
      event.preventDefault();
      go("#/keys");
    }
  });
}

function countShift(): void {
  const now = Date.now();
  shifts = [...shifts.filter((at) => now - at < shift_window_ms), now];
  if (shifts.length < 3) return;
  shifts = [];
  void lock().catch(() => undefined);
}

function toSearch(): void {
  go("#/records");
  setTimeout(() => document.getElementById("search")?.focus(), 50);
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}
