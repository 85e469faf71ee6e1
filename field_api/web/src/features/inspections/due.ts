/** Due days as people read them. */
import { daysBetween } from '$shared/days';

export type Urgency = 'overdue' | 'today' | 'soon' | 'later';

/** How pressing a due day is; reminders go out 7, 3, 1 and 0 days before. */
export function urgency(dueDay: string, today: string): Urgency {
  const days = daysBetween(today, dueDay);
  if (days < 0) return 'overdue';
  if (days === 0) return 'today';
  return days <= 7 ? 'soon' : 'later';
}
