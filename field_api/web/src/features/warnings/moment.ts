/** Times of warnings: by the minute, with the day where it is not today. */
import { clock, dateTime } from '$shared/format';
import { now } from '$shared/now.svelte';

export function moment(tMs: number): string {
  const today = dateTime(now.ms).slice(0, 10);
  const day = dateTime(tMs).slice(0, 10);
  if (day === today) return clock(tMs, false);
  return `${day.slice(0, 4) === today.slice(0, 4) ? day.slice(5) : day} ${clock(tMs, false)}`;
}

/** For `<input type="datetime-local">`: local time without a zone. */
export const toInput = (tMs: number | null): string =>
  tMs === null ? '' : dateTime(tMs).replace(' ', 'T').slice(0, 16);

export function fromInput(text: string): number | null {
  const tMs = text ? new Date(text).getTime() : NaN;
  return Number.isFinite(tMs) ? tMs : null;
}
