// What every input is given: the question, the answer so far, and where to say a new one.
import type { Field, Part, Value } from "../bridge/methods";

export interface InputProps {
  id: string;
  /** The field, or a part of an event shaped like one. */
  field: Field | Part;
  value: Value | undefined;
  /** Told of each new answer; an empty text is "not asked". */
  change: (value: Value) => void;
  /** Told when the person moves on. */
  leave?: () => void;
  /** What could not be read as an answer, said beside the question. */
  problem?: (text: string) => void;
  described?: string;
}

/** Beyond so many terms a choice is searched and not read. */
export const radios_max = 7;
