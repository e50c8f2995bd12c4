// A record while somebody writes in it: what is on screen, what of it is not written yet, and the
// one way it is written. "Saved" is said when the replica has answered, and never before.
import { call, type Params } from "../bridge/call";
import type { Field, Value, Write } from "../bridge/methods";
import { Refusal } from "../bridge/refusal";
import type { Held } from "../shell/route.svelte";
import { say } from "../words/words.svelte";
import { fieldOf, typeOf } from "./catalogue.svelte";

type Act = (record: string | { write: number }) => Write;

const pause_ms = 400;
const retry_ms = 5000;
// What is wrong with a value itself. Any other refusal keeps what was said, and tries again.
const of_values = new Set(["wrong_value", "missing_field", "unknown_field", "rule_does_not_allow", "too_large", "unknown_member"]);
const is_text = new Set(["text", "long_text"]);

export class Draft {
  readonly held: Held;
  values = $state<Record<string, Value>>({});
  /** Fields another may hold a word of that this replica cannot open. */
  sealed = $state<Record<string, boolean>>({});
  problems = $state<Record<string, string>>({});
  saved_at = $state<Date | null>(null);
  failure = $state<unknown>(null);
  review = $state("draft");
  /** Whether something on screen is not written yet. */
  is_unsaved = $state(false);

  private written = new Set<string>();
  private registers = new Set<string>();
  private acts: Act[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(held: Held) {
    this.held = held;
  }

  /** Reads what the record holds. Fails as `show` does. */
  async load(): Promise<void> {
    if (this.held.record === null) return;
    const shown = await call("show", { record: this.held.record });
    this.review = shown.review;
    for (const [name, field] of Object.entries(shown.fields)) {
      if (filled(field.value)) this.written.add(name);
      if (field.readable) this.values[name] = field.value;
      else this.sealed[name] = true;
    }
  }

  /** Sets a register, to be written after a pause. */
  set(field: Field, value: Value): void {
    if (value === "" && !is_text.has(field.type)) return this.takeBack(field);
    this.values[field.field] = value;
    delete this.problems[field.field];
    this.registers.add(field.field);
    this.is_unsaved = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), pause_ms);
  }

  /** An answer that was written can be changed and, unless it is words, not be made empty again. */
  private takeBack(field: Field): void {
    if (this.written.has(field.field)) {
      this.problems[field.field] = say("cannot_clear");
      return;
    }
    delete this.values[field.field];
    this.registers.delete(field.field);
  }

  add(field: Field, value: Value): Promise<void> {
    this.values[field.field] = [...this.list(field), value];
    return this.act((record) => ({ do: "add", record, field: field.field, value }));
  }

  remove(field: Field, value: Value): Promise<void> {
    this.values[field.field] = this.list(field).filter((one) => one !== value);
    return this.act((record) => ({ do: "remove", record, field: field.field, value }));
  }

  note(field: Field, value: Value): Promise<void> {
    this.values[field.field] = [...this.list(field), value];
    return this.act((record) => ({ do: "note", record, field: field.field, value }));
  }

  count(field: Field, by: number): Promise<void> {
    this.values[field.field] = Number(this.values[field.field] ?? 0) + by;
    return this.act((record) => ({ do: "count", record, field: field.field, by }));
  }

  list(field: Field): Value[] {
    const value = this.values[field.field];
    if (value === undefined || value === null || value === "") return [];
    return Array.isArray(value) ? value : [value];
  }

  /** Writes what is unsaved, one flush after the other. What is refused is said beside its field. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private act(act: Act): Promise<void> {
    this.acts.push(act);
    this.is_unsaved = true;
    return this.flush();
  }

  private async write(): Promise<void> {
    if (this.registers.size === 0 && this.acts.length === 0) return;
    const names = this.withTogether([...this.registers]);
    const acts = this.acts;
    this.registers.clear();
    this.acts = [];
    try {
      await this.send(names, acts);
      this.noteSaved();
    } catch (failure) {
      if (isOfValues(failure)) await this.sendOneByOne(names, acts);
      else this.keepForLater(names, acts, failure);
    }
    // Somebody may have gone on writing meanwhile.
    this.is_unsaved = this.registers.size > 0 || this.acts.length > 0;
  }

  private async send(names: string[], acts: Act[]): Promise<void> {
    const fields = Object.fromEntries(names.map((name) => [name, $state.snapshot(this.values[name])]));
    const writes: Write[] = [];
    if (this.held.record === null) {
      const team = this.held.team === null ? {} : { team: this.held.team };
      writes.push({ do: "capture", type: this.held.type, ...team, fields, draft: true });
    } else if (names.length > 0) {
      writes.push({ do: "edit", record: this.held.record, fields });
    }
    const record = this.held.record ?? { write: 0 };
    const params: Params<"write_many"> = { writes: [...writes, ...acts.map((act) => act(record))] };
    const { writes: written } = await call("write_many", params);
    this.held.record ??= written[0]!.record;
    for (const name of names) this.written.add(name);
  }

  /** One value that cannot be kept must not hold back the others. */
  private async sendOneByOne(names: string[], acts: Act[]): Promise<void> {
    const groups = new Map<string, string[]>();
    for (const name of names) {
      const key = fieldOf(this.held.type, name)?.together ?? name;
      groups.set(key, [...(groups.get(key) ?? []), name]);
    }
    let landed = false;
    for (const group of groups.values()) landed = (await this.trySend(group, [], group[0]!)) || landed;
    for (const act of acts) landed = (await this.trySend([], [act], fieldOfAct(act))) || landed;
    if (landed) this.noteSaved();
  }

  private async trySend(names: string[], acts: Act[], field: string): Promise<boolean> {
    try {
      await this.send(names, acts);
      return true;
    } catch (failure) {
      if (isOfValues(failure)) this.problems[field] = `${failure.message} ${failure.next}`;
      else this.keepForLater(names, acts, failure);
      return false;
    }
  }

  private keepForLater(names: string[], acts: Act[], failure: unknown): void {
    for (const name of names) this.registers.add(name);
    this.acts = [...acts, ...this.acts];
    this.failure = failure;
    this.timer = setTimeout(() => void this.flush(), retry_ms);
  }

  private noteSaved(): void {
    this.failure = null;
    this.saved_at = new Date();
  }

  /** Fields that belong together are said together, those that hold something. */
  private withTogether(names: string[]): string[] {
    const fields = typeOf(this.held.type)?.fields ?? [];
    const groups = new Set(names.map((name) => fieldOf(this.held.type, name)?.together).filter((group) => group));
    const others = fields.filter((field) => groups.has(field.together ?? "") && filled(this.values[field.field]));
    return [...new Set([...names, ...others.map((field) => field.field)])];
  }
}

const isOfValues = (failure: unknown): failure is Refusal => failure instanceof Refusal && of_values.has(failure.code);

/** Whether a value says anything. */
export const filled = (value: Value | undefined): boolean =>
  value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);

function fieldOfAct(act: Act): string {
  const write = act("");
  return "field" in write ? write.field : "";
}
