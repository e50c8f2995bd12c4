// A refusal in the words of the screens. Codes that people meet in the field have messages of their
// own; what is left is said as the replica says it, in English.
import { Refusal } from "../bridge/refusal";
import { isKey, say } from "./words.svelte";

export function sayRefusal(failure: unknown): string {
  if (!(failure instanceof Refusal)) return say("refusal_unknown");
  const key = `refusal_${failure.code}`;
  return isKey(key) ? say(key) : `${failure.message} ${failure.next}`.trim();
}
