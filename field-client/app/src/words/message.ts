// The part of ICU's message format that the words use: {name}, {n, plural, one {…} other {…}} and,
// inside a plural, # for the number. Plural forms are Intl.PluralRules'.

export type Values = Record<string, string | number>;

/** `message` with its braces filled, in `language`. */
export function fill(message: string, values: Values, language: string): string {
  let out = "";
  for (let at = 0; at < message.length; ) {
    if (message[at] !== "{") {
      out += message[at++];
      continue;
    }
    const end = closing(message, at);
    out += fillBrace(message.slice(at + 1, end), values, language);
    at = end + 1;
  }
  return out;
}

/** The forms of a plural brace by category, or null where the brace only names a value. */
export function formsOf(brace: string): { name: string; forms: Map<string, string> } | null {
  const head = /^\s*(\w+)\s*,\s*plural\s*,/.exec(brace);
  if (!head) return null;
  const forms = new Map<string, string>();
  for (let at = head[0].length; ; ) {
    const form = /^\s*(\w+)\s*\{/.exec(brace.slice(at));
    if (!form) return { name: head[1]!, forms };
    const open = at + form[0].length - 1;
    const end = closing(brace, open);
    forms.set(form[1]!, brace.slice(open + 1, end));
    at = end + 1;
  }
}

/** The top-level braces of a message. */
export function bracesOf(message: string): string[] {
  const out: string[] = [];
  for (let at = message.indexOf("{"); at >= 0; at = message.indexOf("{", at)) {
    const end = closing(message, at);
    out.push(message.slice(at + 1, end));
    at = end;
  }
  return out;
}

function fillBrace(brace: string, values: Values, language: string): string {
  const plural = formsOf(brace);
  if (!plural) return shown(values[brace.trim()], language);
  const count = Number(values[plural.name]);
  const form = plural.forms.get(new Intl.PluralRules(language).select(count)) ?? plural.forms.get("other") ?? "";
  return fill(form.replaceAll("#", shown(count, language)), values, language);
}

function shown(value: string | number | undefined, language: string): string {
  if (typeof value === "number") return new Intl.NumberFormat(language).format(value);
  // Isolated: a name in another script must not turn the sentence around it.
  return value === undefined ? "" : `\u2068${value}\u2069`;
}

/** Where the brace that opens at `open` closes. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === "{") depth++;
    if (text[at] === "}" && --depth === 0) return at;
  }
  throw new Error(`a brace stays open in: ${text}`);
}
