/** How much time a duty to report has left, and which of several comes first. Pure. */
import type { ReportClock } from '$shared/api/records';

export const SOON_MS = 15 * 60_000;

export type Urgency = 'overdue' | 'soon' | 'at-once' | 'running';
const ORDER: readonly Urgency[] = ['overdue', 'soon', 'at-once', 'running'];

type Due = Pick<ReportClock, 'due_ms' | 'start_ms'>;

export function urgency({ due_ms }: Due, nowMs: number): Urgency {
  if (due_ms === null) return 'at-once';
  if (nowMs >= due_ms) return 'overdue';
  return due_ms - nowMs <= SOON_MS ? 'soon' : 'running';
}

/** Overdue ones first, the longest before; then what is to be done at once; then by the time left. */
export function byUrgency(nowMs: number): (a: Due, b: Due) => number {
  return (a, b) =>
    ORDER.indexOf(urgency(a, nowMs)) - ORDER.indexOf(urgency(b, nowMs)) ||
    (a.due_ms ?? a.start_ms) - (b.due_ms ?? b.start_ms);
}

/** `1:02:05` left or over; for what is to be done at once, how long it has been so. */
export function seconds({ due_ms, start_ms }: Due, nowMs: number): number {
  return Math.abs((due_ms ?? start_ms) - nowMs) / 1000;
}
