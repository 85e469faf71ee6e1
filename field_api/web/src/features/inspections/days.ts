/** Calendar days where the bureau is, as `2026-11-29`. */
const DAY_MS = 86_400_000;
/** China has one time zone and no summer time. */
const OFFSET_MS = 8 * 3_600_000;

export const dayOf = (tMs: number): string => new Date(tMs + OFFSET_MS).toISOString().slice(0, 10);

const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);

export const plusDays = (day: string, days: number): string =>
  new Date(at(day) + days * DAY_MS).toISOString().slice(0, 10);

/** Days from one day to another; negative when it is past. */
export const daysUntil = (day: string, today: string): number =>
  Math.round((at(day) - at(today)) / DAY_MS);

/** Monday of the week a day lies in. */
export function mondayOf(day: string): string {
  const weekday = new Date(at(day)).getUTCDay();
  return plusDays(day, -((weekday + 6) % 7));
}

/** The seven days of a week, Monday first. */
export const weekOf = (day: string): string[] =>
  Array.from({ length: 7 }, (_, index) => plusDays(mondayOf(day), index));
