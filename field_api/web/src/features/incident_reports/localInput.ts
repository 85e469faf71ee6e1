/** Times in a `datetime-local` field: local, to the minute. */
import { dateTime } from '$shared/format';

export const localInput = (tMs: number): string => dateTime(tMs).slice(0, 16).replace(' ', 'T');
export const toMs = (text: string): number => new Date(text).getTime();
