/** Working days, and periods counted as the law counts them. */
import { addDays, weekdayOf } from '$shared/days';
import type { Holiday } from '../wire';

export type Kinds = Readonly<Record<string, 'off' | 'work'>>;
export const kindsOf = (holidays: readonly Holiday[]): Kinds =>
  Object.fromEntries(holidays.map(({ day, kind }) => [day, kind]));

/** Whether a day is worked: by the register of holidays, else by its weekday. */
export function isWorkday(day: string, kinds: Kinds): boolean {
  if (kinds[day]) return kinds[day] === 'work';
  return weekdayOf(day) < 5;
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
