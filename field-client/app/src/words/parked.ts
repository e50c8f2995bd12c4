// Why something is kept and not merged. Each reason has its message; one that a newer server gives
// is said as the replica says it.
import type { Parked } from "../bridge/methods";
import { isKey, say } from "./words.svelte";

const own_words: Record<string, string> = {
  not_permitted: "parked_not_permitted",
  compromised: "parked_compromised",
  forked_log: "parked_forked",
  record_erased: "parked_erased",
  no_reader_key: "parked_no_key",
};

export function parkedText(item: Parked): string {
  const key = own_words[item.reason] ?? "";
  return isKey(key) ? say(key) : `${item.message} ${item.next}`.trim();
}
