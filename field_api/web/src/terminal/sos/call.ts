/** A call for help as its holder sees it: what is known here and what the command post confirmed. */
import type { Sos } from '$shared/api/records';
import type { OutboxItem } from '../outbox/database';

/**
 * `waiting` is only here so far; `received` the command post has said; `ending` is ended here and
 * not yet there; `ended` the command post has said; `refused` it will not be taken as it is.
 */
export type CallState = 'waiting' | 'refused' | 'received' | 'ending' | 'ended';

export interface Call {
  id: string;
  state: CallState;
  raisedMs: number;
  /** When the command post's answer came, by this handheld's clock. */
  receivedMs: number | null;
  tries: number;
  /** Who ended it, and why; or why it is not there yet. */
  by: string;
  reasonZh: string;
  reasonEn: string;
}

/** The newest call of this handheld, null if there is none. */
export function newestCall(items: readonly OutboxItem[], records: readonly Sos[]): Call | null {
  const ends = new Map<string, OutboxItem>();
  const raises = new Map<string, OutboxItem>();
  // The newest item comes first: of several tries to end a call that one counts.
  for (const item of items) {
    if (item.work.op === 'sos.cancel' && !ends.has(item.work.target)) ends.set(item.work.target, item);
    if (item.work.op === 'sos.raise') raises.set(item.work.body.id, item);
  }
  const calls = records.map((record) => ofRecord(record, raises.get(record.id), ends.get(record.id)));
  const known = new Set(records.map(({ id }) => id));
  for (const [id, item] of raises) {
    // Delivered and not told of any more: over long ago.
    if (!known.has(id) && item.state !== 'sent') calls.push(ofItem(item, ends.get(id)));
  }
  return calls.sort((a, b) => b.raisedMs - a.raisedMs)[0] ?? null;
}

function ofRecord(record: Sos, raise: OutboxItem | undefined, end: OutboxItem | undefined): Call {
  const ended = record.state === 'cancelled';
  const refusedEnd = !ended && end?.state === 'refused' ? end : undefined;
  const why = record.cancelled_reason;
  return {
    id: record.id,
    state: ended ? 'ended' : end && !refusedEnd ? 'ending' : 'received',
    raisedMs: record.raised_ms,
    receivedMs: raise?.sentMs ?? null,
    tries: (end ?? raise)?.tries ?? 0,
    by: record.cancelled_by ?? '',
    reasonZh: ended ? why : (refusedEnd?.reasonZh ?? ''),
    reasonEn: ended ? why : (refusedEnd?.reasonEn ?? ''),
  };
}

function ofItem(raise: OutboxItem, end: OutboxItem | undefined): Call {
  const { reasonZh, reasonEn, tries } = raise;
  const raisedMs = raise.work.op === 'sos.raise' ? raise.work.body.t_ms : raise.madeMs;
  const state = raise.state === 'refused' ? 'refused' : end ? 'ending' : 'waiting';
  return { id: raise.work.body.id, state, raisedMs, receivedMs: null, tries, by: '', reasonZh, reasonEn };
}

/** Whether help is still called for, as far as is known here. */
export const isOpen = (call: Call | null): boolean => call?.state === 'waiting' || call?.state === 'received';
