// The words of the screens, in the language the person chose. A key that is not in en.json does not
// compile; words.test.ts holds every other language to the same keys.
import en from "./en.json";
import { fill, type Values } from "./message";

export type Key = keyof typeof en;
type Messages = Record<Key, string>;

interface Language {
  name: string;
  direction: "ltr" | "rtl";
  load: () => Promise<Messages>;
}

export const languages: Record<string, Language> = {
  en: { name: "English", direction: "ltr", load: async () => en },
  ar: { name: "العربية", direction: "rtl", load: async () => (await import("./ar.json")).default },
};

const spoken = $state<{ language: string; messages: Messages }>({ language: "en", messages: en });

/** The language of the screens. */
export const language = (): string => spoken.language;

/** Speaks `wanted` from now on, and turns the page to its direction. */
export async function speak(wanted: string): Promise<void> {
  const known = languages[wanted] ? wanted : "en";
  const messages = await languages[known]!.load();
  spoken.language = known;
  spoken.messages = messages;
  document.documentElement.lang = known;
  document.documentElement.dir = languages[known]!.direction;
}

/** The message of `key`, its braces filled. */
export const say = (key: Key, values: Values = {}): string => fill(spoken.messages[key], values, spoken.language);

/** Whether a key made from parts, such as a refusal's code, has words. */
export const isKey = (key: string): key is Key => key in en;
