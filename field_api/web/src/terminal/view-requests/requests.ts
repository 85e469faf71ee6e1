/** Requests for a drone's view: what is written down before it is sent, and what became of them. */
import type { ViewRequest, ViewPurpose } from '$shared/api/records';
import type { LatLon } from '$shared/geodesy';
import type { OutboxItem } from '../outbox/database';

export const PURPOSES: readonly ViewPurpose[] = ['fire', 'people', 'site', 'route', 'other'];

/** Kept with every change. */
export interface ViewDraft {
  purpose: ViewPurpose | null;
  text: string;
  /** Pointed at on the map. */
  place: LatLon | null;
}

export const EMPTY: ViewDraft = { purpose: null, text: '', place: null };

/** `unsent` and `rejected` are known here alone; no more is said than was confirmed. */
export type ViewState = 'unsent' | 'rejected' | 'withdrawing' | ViewRequest['state'];

export interface ShownRequest {
  id: string;
  purpose: ViewPurpose;
  text: string;
  askedMs: number;
  inspectionId: string | null;
  state: ViewState;
  /** Who took it or ended it, and when. */
  by: string;
  atMs: number | null;
  answer: string;
  stills: readonly string[];
  reasonZh: string;
  reasonEn: string;
}

const ofRecord = (record: ViewRequest): ShownRequest => ({
  id: record.id,
  purpose: record.purpose,
  text: record.text,
  askedMs: record.asked_ms,
  inspectionId: record.inspection_id,
  state: record.state,
  by: record.ended_by ?? record.taken_by ?? '',
  atMs: record.ended_ms ?? record.taken_ms,
  answer: record.answer,
  stills: record.stills.map(({ sha256 }) => sha256),
  reasonZh: '',
  reasonEn: '',
});

/** One's own requests, the newest first: those the command post has told of, and those still here. */
export function shownRequests(items: readonly OutboxItem[], records: readonly ViewRequest[]): ShownRequest[] {
  const shown = new Map(records.map((record) => [record.id, ofRecord(record)]));
  for (const { work, state, reasonZh, reasonEn } of items) {
    if (state !== 'waiting' && state !== 'refused') continue;
    if (work.op === 'view.withdraw' && state === 'waiting') {
      const asked = shown.get(work.target);
      if (asked && isOpen(asked.state)) asked.state = 'withdrawing';
    }
    if (work.op !== 'view.ask' || shown.has(work.body.id)) continue;
    const { id, purpose, text = '', t_ms: askedMs, inspection_id } = work.body;
    shown.set(id, {
      id,
      purpose,
      text,
      askedMs,
      inspectionId: inspection_id ?? null,
      state: state === 'waiting' ? 'unsent' : 'rejected',
      by: '',
      atMs: null,
      answer: '',
      stills: [],
      reasonZh,
      reasonEn,
    });
  }
  return [...shown.values()].sort((a, b) => b.askedMs - a.askedMs);
}

/** Whether somebody may still answer it. */
export const isOpen = (state: ViewState): boolean => state === 'waiting' || state === 'taken';
