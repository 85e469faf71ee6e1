/** Days where the bureau is, and periods counted as the law counts them. */
import type { Holiday } from '../wire';

const DAY_MS = 86_400_000;
const ZONE = 'Asia/Shanghai';
const written = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short' });
const hourMinute = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, timeStyle: 'short' });

/** The day at a moment, `2026-11-29`. */
export const dayOf = (tMs: number): string => written.format(tMs);
/** Day and time of day at a moment, `2026-11-29 14:05`. */
export const timeOf = (tMs: number): string => `${dayOf(tMs)} ${hourMinute.format(tMs)}`;

const msOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const isDay = (text: unknown): text is string =>
  typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text) && dayAt(msOf(text) || 0) === text;

export const addDays = (day: string, days: number): string => dayAt(msOf(day) + days * DAY_MS);

/** Whole days from one day to another; negative when that is past. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((msOf(to) - msOf(from)) / DAY_MS);

/** Whether offices are open: Monday to Friday but for the table's days off, and its days of work. */
export function isWorkingDay(day: string, holidays: Iterable<Pick<Holiday, 'day' | 'kind'>>): boolean {
  for (const each of holidays) if (each.day === day) return each.kind === 'work';
  const weekday = new Date(msOf(day)).getUTCDay();
  return weekday !== 0 && weekday !== 6;
}

/** The nth working day after a day; the day itself is not counted. */
export function addWorkingDays(
  day: string,
  days: number,
  holidays: readonly Pick<Holiday, 'day' | 'kind'>[],
): string {
  let at = day;
  for (let left = days; left > 0; ) {
    at = addDays(at, 1);
    if (isWorkingDay(at, holidays)) left -= 1;
  }
  return at;
}

export type Law = 'penalty' | 'coercion';

/**
 * Whether a period is counted in working days: of the law on penalties (article 85) those of 2, 3, 5
 * and 7 days, of the law on coercion (article 69) those of up to 10.
 */
export const inWorkingDays = (law: Law, days: number): boolean =>
  law === 'penalty' ? [2, 3, 5, 7].includes(days) : days <= 10;

/** The last day of a period that a law sets. */
export const deadline = (
  law: Law,
  from: string,
  days: number,
  holidays: readonly Pick<Holiday, 'day' | 'kind'>[],
): string => (inWorkingDays(law, days) ? addWorkingDays(from, days, holidays) : addDays(from, days));

/** Days left at which one is reminded. */
const REMINDERS = [7, 3, 1, 0];

/** Which reminder is due: 7, 3, 1 or 0 days left, negative once overdue; null while it is far off. */
export function reminder(dueDay: string, today: string): number | null {
  const left = daysBetween(today, dueDay);
  if (left < 0) return left;
  return REMINDERS.filter((each) => left <= each).at(-1) ?? null;
}
