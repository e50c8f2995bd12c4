// Moments and dates as people of the chosen language write them.
import { language, say } from "./words.svelte";

// English here is that of most who use it: the day before the month, hours to twenty-four.
const locale = () => (language() === "en" ? "en-GB" : language());
const format = (options: Intl.DateTimeFormatOptions, at: Date) => new Intl.DateTimeFormat(locale(), options).format(at);

/** The time of day: 14:02. */
export const clock = (moment: string | Date): string => format({ hour: "2-digit", minute: "2-digit" }, new Date(moment));

/** A moment as briefly as it stays plain: today 14:02, 12 Nov, 12 Nov 2025. */
export function brief(moment: string): string {
  const at = new Date(moment);
  const now = new Date();
  if (at.toDateString() === now.toDateString()) return say("today_at", { time: clock(at) });
  const year = at.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return format({ day: "numeric", month: "short", year }, at);
}

/** A moment with its time, for the story of a record. */
export const exact = (moment: string): string => format({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }, new Date(moment));

/** The month a moment lies in, for the heads of a list. */
export const month = (moment: string): string => format({ month: "long", year: "numeric" }, new Date(moment));

export const monthNames = (): string[] =>
  Array.from({ length: 12 }, (_, index) => format({ month: "long", timeZone: "UTC" }, new Date(Date.UTC(2024, index, 1))));

/** A date as far as it is known: YYYY, YYYY-MM or YYYY-MM-DD. */
export function known(date: string): string {
  const [year, month_number, day] = date.split("-");
  const at = new Date(Date.UTC(Number(year), Number(month_number ?? 1) - 1, Number(day ?? 1)));
  return format({ year: "numeric", month: month_number ? "long" : undefined, day: day ? "numeric" : undefined, timeZone: "UTC" }, at);
}

export const today = (): string => {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
};

export const daysSince = (moment: string): number => Math.floor((Date.now() - Date.parse(moment)) / 86_400_000);
