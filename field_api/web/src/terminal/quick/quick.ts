/** Quick reports: what is written down before it is sent, and what became of those that were. */
import type { FieldReport, IncidentKind } from '$shared/api/records';
import type { LatLon } from '$shared/geodesy';
import type { OutboxItem } from '../outbox/database';

export const KINDS: readonly IncidentKind[] = [
  'fire',
  'missing_people',
  'accident',
  'flood',
  'geological',
  'earthquake',
  'other',
];

/** Kept with every change: the camera may cost the page its life. */
export interface QuickDraft {
  kind: IncidentKind | null;
  text: string;
  /** Originals and copies in pairs, as they were taken. */
  media: string[];
  voice: string | null;
  /** Pointed out on the map: smoke is seen from afar, and there may be no fix. */
  place: LatLon | null;
}

export const EMPTY: QuickDraft = { kind: null, text: '', media: [], voice: null, place: null };

/** How far a report has come, as far as is known here; nothing is claimed before it was confirmed. */
export type ReportState = 'waiting' | 'refused' | 'pictures' | 'received' | 'accepted' | 'filed';

export interface ShownReport {
  id: string;
  kind: IncidentKind;
  text: string;
  seenMs: number;
  state: ReportState;
  /** Pictures and voice that have not arrived. */
  missing: number;
  /** Who answered, and when. */
  by: string;
  answeredMs: number | null;
  answer: string;
  reasonZh: string;
  reasonEn: string;
}

const stateOf = (record: FieldReport): ReportState =>
  record.state === 'new' ? (record.media_missing.length ? 'pictures' : 'received') : record.state;

const ofRecord = (record: FieldReport): ShownReport => ({
  id: record.id,
  kind: record.kind,
  text: record.text,
  seenMs: record.seen_ms,
  state: stateOf(record),
  missing: record.media_missing.length,
  by: record.answered_by ?? '',
  answeredMs: record.answered_ms,
  answer: record.answer,
  reasonZh: '',
  reasonEn: '',
});

/** One's own reports, the newest first: those the command post has told of, and those still here. */
export function shownReports(items: readonly OutboxItem[], records: readonly FieldReport[]): ShownReport[] {
  const shown = new Map(records.map((record) => [record.id, ofRecord(record)]));
  for (const { work, state, reasonZh, reasonEn } of items) {
    if (work.op !== 'report.quick' || shown.has(work.body.id)) continue;
    // Delivered and not told of any more: answered long ago.
    if (state !== 'waiting' && state !== 'refused') continue;
    const { id, kind, text = '', t_ms: seenMs } = work.body;
    shown.set(id, { id, kind, text, seenMs, state, missing: 0, by: '', answeredMs: null, answer: '', reasonZh, reasonEn });
  }
  return [...shown.values()].sort((a, b) => b.seenMs - a.seenMs);
}
