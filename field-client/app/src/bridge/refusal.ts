/** What the caller of a method does next: see shared/base/error.h. */
export type RefusalKind = "refused" | "stale" | "busy" | "unreachable" | "corrupt";

/** A method's refusal, as the replica or its host said it. Never holds a person's words. */
export class Refusal extends Error {
  readonly code: string;
  readonly kind: RefusalKind;
  readonly next: string;
  readonly detail: string;

  constructor(said: { code: string; kind: RefusalKind; message: string; next: string; detail?: string }) {
    super(said.message);
    this.code = said.code;
    this.kind = said.kind;
    this.next = said.next;
    this.detail = said.detail ?? "";
  }
}
