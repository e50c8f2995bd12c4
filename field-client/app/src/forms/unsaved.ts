// Everything that holds words which are not written yet. Lock, hiding and leaving ask each of them
// to write before they go on.
type Flush = () => Promise<void>;
const open = new Set<Flush>();

/** Registers `flush`; call what it returns when nothing can be unsaved any more. */
export function keepUnsaved(flush: Flush): () => void {
  open.add(flush);
  return () => open.delete(flush);
}

/** Writes whatever is unsaved. What cannot be written says so where it stands. */
export async function flushAll(): Promise<void> {
  await Promise.all([...open].map((flush) => flush()));
}
