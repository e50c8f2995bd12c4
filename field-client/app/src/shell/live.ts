// What is said aloud to those who listen. Both regions are in the page from the start: one that
// appears with its text is not read.

/** Says `text` when the reader has time. */
export const speakPolitely = (text: string): void => put("polite", text);

/** Says `text` at once: not saved, locking soon. Nothing else interrupts. */
export const speakAtOnce = (text: string): void => put("assertive", text);

function put(region: string, text: string): void {
  const element = document.getElementById(region);
  if (!element) return;
  element.textContent = "";
  // The same text twice in a row is a change only if it was gone in between.
  setTimeout(() => (element.textContent = text), 50);
  // What was true when it was said may not be when somebody comes upon it later.
  setTimeout(() => element.textContent === text && (element.textContent = ""), 10_000);
}
