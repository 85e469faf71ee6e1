/** The audit trail: read in pages, newest first, and proved as a whole. */
import { API, ask, http, withQuery } from '$shared/api/client';
import type { components } from '$shared/api/schema';
import { language } from '$shared/i18n/i18n.svelte';

type Schemas = components['schemas'];
export type Entry = Schemas['AuditView'];
export type ChainReport = Schemas['ChainReport'];

export const AUDIT_PAGE = 100;

/** What the list is about; `access` is who came in, with what, and what was done to accounts. */
export const ABOUT = ['everything', 'people', 'access', 'incidents', 'flights', 'inspections', 'registers'] as const;
export type About = (typeof ABOUT)[number];

const SUBJECTS: Partial<Record<About, string[]>> = {
  access: ['session', 'account', 'device', 'guest', 'audit', 'node'],
  incidents: ['incident', 'detection', 'task', 'message', 'field_report', 'sos'],
  flights: ['plan', 'sortie', 'command', 'vehicle', 'application', 'anomaly', 'station', 'camera', 'parameter'],
  inspections: ['inspection', 'paper', 'hazard', 'numbers', 'recording', 'inspection_plan'],
  registers: ['register', 'law', 'roster', 'airspace'],
};

/** How far back is looked; a search reads every entry of that time. */
export const PERIODS = [1, 7, 30, 365] as const;
const DAY_MS = 86_400_000;

export interface Wanted {
  text: string;
  about: About;
  days: number;
}

const asked = ({ text, about, days }: Wanted, nowMs: number) => ({
  from_ms: nowMs - days * DAY_MS,
  ...(text.trim() ? { q: text.trim() } : {}),
  ...(about === 'people' ? { people_only: true } : {}),
  ...(SUBJECTS[about] ? { subject: SUBJECTS[about] } : {}),
});

export function auditBefore(wanted: Wanted, nowMs: number, seq?: number): Promise<Entry[]> {
  const query = { ...asked(wanted, nowMs), limit: AUDIT_PAGE, ...(seq === undefined ? {} : { before_seq: seq }) };
  return ask(http.GET('/api/v1/audit', { params: { query } }));
}

/** The address of the same entries as a table. */
export const auditTable = (wanted: Wanted, nowMs: number): string =>
  withQuery(`${API}/audit/export.csv`, { language: language.short, ...asked(wanted, nowMs) });

export const verifyAudit = (): Promise<ChainReport> => ask(http.GET('/api/v1/audit/verify'));
