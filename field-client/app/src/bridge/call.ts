// The only way from a screen to the replica: typed by the description of its methods.
import type { Methods } from "./methods";
import { Refusal, type RefusalKind } from "./refusal";
import { send } from "./transport";

export type Params<M extends keyof Methods> = Methods[M]["params"];
export type Result<M extends keyof Methods> = Methods[M]["result"];

interface Response {
  result?: unknown;
  error?: { message: string; data?: { code: string; kind: RefusalKind; message: string; next: string; detail?: string } };
}

let last_id = 0;
const listeners = new Set<(refusal: Refusal) => void>();

/** Calls `told` at every refusal, whoever asked: the shell leaves for another screen by it. */
export function onRefusal(told: (refusal: Refusal) => void): void {
  listeners.add(told);
}

/** Asks the replica. Fails with a Refusal and nothing else. */
export async function call<M extends keyof Methods>(method: M, params: Params<M>): Promise<Result<M>> {
  try {
    const response = (await send({ jsonrpc: "2.0", id: ++last_id, method, params })) as Response;
    if (response.error) throw refusalOf(response.error);
    return response.result as Result<M>;
  } catch (failure) {
    const refusal = failure instanceof Refusal ? failure : unreadable();
    for (const told of listeners) told(refusal);
    throw refusal;
  }
}

function refusalOf(error: NonNullable<Response["error"]>): Refusal {
  return new Refusal(error.data ?? { code: "bad_request", kind: "refused", message: error.message, next: "" });
}

const unreadable = () => new Refusal({ code: "host_gone", kind: "unreachable", message: "", next: "" });
