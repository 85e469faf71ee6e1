/** Days where the bureau is, and periods counted as the law counts them. */
import type { Holiday } from '../wire';

const DAY_MS = 86_400_000;
const ZONE = 'Asia/Shanghai';
const written = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short' });
const hourMinute = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, timeStyle: 'short' });

/** The day at a moment, `2026-11-29`. */
export const dayOf = (tMs: number): string => written.format(tMs);
/** Day and time of day at a moment, `2026-11-29T14:05`. */
export const timeOf = (tMs: number): string => `${dayOf(tMs)}T${hourMinute.format(tMs)}`;

const msOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const isDay = (text: unknown): text is string =>
  typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text) && dayAt(msOf(text) || 0) === text;

export const addDays = (day: string, days: number): string => dayAt(msOf(day) + days * DAY_MS);

/** Whole days from one day to another; negative when that is past. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((msOf(to) - msOf(from)) / DAY_MS);

export type Kinds = Readonly<Record<string, 'off' | 'work'>>;
export const kindsOf = (holidays: readonly Holiday[]): Kinds =>
  Object.fromEntries(holidays.map(({ day, kind }) => [day, kind]));

/** Whether a day is worked: by the register of holidays, else by its weekday. */
export function isWorkday(day: string, kinds: Kinds): boolean {
  if (kinds[day]) return kinds[day] === 'work';
  const weekday = new Date(msOf(day)).getUTCDay();
  return weekday !== 0 && weekday !== 6;
}

export type Law = 'penalty' | 'coercion' | 'other';

/**
 * Whether a period is counted in working days: of the law on penalties (article 85) those of 2, 3, 5
 * and 7 days, of the law on coercion (article 69) those of up to 10.
 */
export const countsWorkingDays = (days: number, law: Law): boolean =>
  law === 'penalty' ? [2, 3, 5, 7].includes(days) : law === 'coercion' && days <= 10;

/** The last day of a period that begins with an event on `start`. */
export function periodEnd(start: string, days: number, law: Law, kinds: Kinds): string {
  if (!countsWorkingDays(days, law)) return addDays(start, days);
  let day = start;
  for (let left = days; left > 0; ) {
    day = addDays(day, 1);
    if (isWorkday(day, kinds)) left -= 1;
  }
  return day;
}

/** Days left at which one is reminded. */
const REMINDERS = [7, 3, 1, 0];

/** Which reminder is due for so many days left: 7, 3, 1, 0, -1 once overdue; null for none yet. */
export function reminderStep(left: number): number | null {
  if (left < 0) return -1;
  return REMINDERS.filter((each) => left <= each).at(-1) ?? null;
}
