// What a person likes to see: language, theme, size of text. The only thing kept outside the store,
// because it must hold before the store opens; it says nothing of any record.
import { languages, speak } from "../words/words.svelte";

export type Theme = "device" | "light" | "dark";
export type Size = "usual" | "large" | "larger";

interface Preferences {
  language: string;
  theme: Theme;
  size: Size;
}

const key = "godwit-preferences";
const device_dark = matchMedia("(prefers-color-scheme: dark)");

export const preferences = $state<Preferences>({ language: deviceLanguage(), theme: "device", size: "usual" });

/** Takes up what was chosen before, and follows the device where nothing was. */
export async function takeUp(): Promise<void> {
  Object.assign(preferences, kept());
  device_dark.addEventListener("change", apply);
  // Another tab of the same app follows a choice at once.
  addEventListener("storage", (event) => event.key === key && void follow());
  apply();
  await speak(preferences.language);
}

async function follow(): Promise<void> {
  Object.assign(preferences, kept());
  apply();
  await speak(preferences.language);
}

/** Chooses, and keeps the choice. */
export async function choose(chosen: Partial<Preferences>): Promise<void> {
  Object.assign(preferences, chosen);
  localStorage.setItem(key, JSON.stringify(preferences));
  apply();
  await speak(preferences.language);
}

function apply(): void {
  const dark = preferences.theme === "dark" || (preferences.theme === "device" && device_dark.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.documentElement.dataset.size = preferences.size;
}

function kept(): Partial<Preferences> {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Preferences>;
  } catch {
    return {};
  }
}

function deviceLanguage(): string {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => languages[tag]);
  return wanted ?? "en";
}
