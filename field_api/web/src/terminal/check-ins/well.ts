/** When one is to say again that one is well; what was said here counts before it went out. */
import type { CheckIn, RollAsk } from '$shared/api/records';
import type { OutboxItem } from '../outbox/database';

export interface Well {
  timers: CheckIn[];
  /** Roll calls that one has not answered. */
  asks: RollAsk[];
  /** The earliest time at which one is to be heard again, by the command post's clock; null without a timer. */
  dueMs: number | null;
  /** The last time that one said so. */
  saidMs: number | null;
  /** It has not gone out yet. */
  waiting: boolean;
}

export function wellOf(checkIns: readonly CheckIn[], rollAsks: readonly RollAsk[], items: readonly OutboxItem[]): Well {
  const said = new Map<string, number>();
  let waiting = false;
  for (const { work, state } of items) {
    if (work.op !== 'check_in.say' && work.op !== 'roll.answer') continue;
    if (state !== 'waiting' && state !== 'sent') continue;
    waiting ||= state === 'waiting';
    said.set(work.target, Math.max(said.get(work.target) ?? 0, work.body.t_ms));
  }
  const timers = checkIns.filter(({ ended_ms }) => ended_ms === null);
  const asks = rollAsks.filter(({ id, answered_ms, closed }) => answered_ms === null && !closed && !said.has(id));
  const lasts = timers.map(({ id, last_ms }) => Math.max(last_ms ?? 0, said.get(id) ?? 0));
  const dues = timers.map(({ started_ms, interval_s }, index) => Math.max(started_ms, lasts[index]!) + interval_s * 1000);
  const saidMs = Math.max(0, ...lasts, ...said.values());
  return { timers, asks, dueMs: dues.length ? Math.min(...dues) : null, saidMs: saidMs || null, waiting };
}
