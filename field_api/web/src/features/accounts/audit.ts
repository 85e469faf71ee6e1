/** The audit trail: read in pages, newest first, and proved as a whole. */
import { ask, http } from '$shared/api/client';
import type { components } from '$shared/api/schema';

type Schemas = components['schemas'];
export type Entry = Schemas['AuditView'];
export type ChainReport = Schemas['ChainReport'];

export const AUDIT_PAGE = 100;

export function auditBefore(seq?: number): Promise<Entry[]> {
  const query = { limit: AUDIT_PAGE, ...(seq === undefined ? {} : { before_seq: seq }) };
  return ask(http.GET('/api/v1/audit', { params: { query } }));
}

export const verifyAudit = (): Promise<ChainReport> => ask(http.GET('/api/v1/audit/verify'));
