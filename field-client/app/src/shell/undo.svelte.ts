// The last act that can be taken back, until the next one. It does not fade: a slow reader has the
// same right to it.
interface Act {
  text: string;
  undo: () => Promise<unknown>;
}

const last = $state<{ act: Act | null }>({ act: null });

export const undoable = (): Act | null => last.act;

export function offerUndo(text: string, undo: () => Promise<unknown>): void {
  last.act = { text, undo };
}

export async function takeBack(): Promise<void> {
  const act = last.act;
  last.act = null;
  await act?.undo();
}

export function forgetUndo(): void {
  last.act = null;
}
