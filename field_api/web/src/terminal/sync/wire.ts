/** Messages of `/sync`; written by hand until the OpenAPI document has them. */
import type { LiveRecord } from '$shared/api/live';

export interface PushItem {
  id: string;
  op: string;
  target: string | null;
  /** An earlier item that must be applied first. */
  after: string | null;
  made_ms: number;
  body: unknown;
}

export interface PushAnswer {
  id: string;
  status: 'applied' | 'repeated' | 'held' | 'refused';
  code: string | null;
  text_zh: string;
  text_en: string;
  field: string | null;
  record: { type: string; id: string; version: number; data: unknown } | null;
  /** Hashes of pictures that the command post does not have, whatever was believed here. */
  media_missing: string[];
}

export interface PushAnswers {
  server_time_ms: number;
  answers: PushAnswer[];
}

export interface Pulled {
  cursor: string;
  more: boolean;
  /** The cursor means nothing any more: forget what was pulled and start without one. */
  resync: boolean;
  changes: LiveRecord[];
}
