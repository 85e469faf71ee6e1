/** Calendar days where the bureau is, as `2026-11-29`, whatever zone the device is in. */
const DAY_MS = 86_400_000;
/** China has one time zone and no summer time. */
const OFFSET_MS = 8 * 3_600_000;

const written = (tMs: number): string => new Date(tMs + OFFSET_MS).toISOString();
const msOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const dayOf = (tMs: number): string => written(tMs).slice(0, 10);
/** Day and time of day at a moment, `2026-11-29T14:05`. */
export const timeOf = (tMs: number): string => written(tMs).slice(0, 16);

export const isDay = (text: unknown): text is string =>
  typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text) && dayAt(msOf(text) || 0) === text;

export const addDays = (day: string, days: number): string => dayAt(msOf(day) + days * DAY_MS);

/** Whole days from one day to another; negative when that is past. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((msOf(to) - msOf(from)) / DAY_MS);

/** 0 for Monday to 6 for Sunday. */
export const weekdayOf = (day: string): number => (new Date(msOf(day)).getUTCDay() + 6) % 7;

export const mondayOf = (day: string): string => addDays(day, -weekdayOf(day));

/** The seven days of a week, Monday first. */
export const weekOf = (day: string): string[] =>
  Array.from({ length: 7 }, (_, index) => addDays(mondayOf(day), index));
