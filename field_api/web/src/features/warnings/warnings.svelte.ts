/** Warnings: drafts, what is in force, how the last ones ended, and who has seen them. */
import { ApiProblem, ask, call, http } from '$shared/api/client';
import type { EditWarningDraft, Warning, WarningDraft, WarningFile, WarningReach, WarningReceipt, WarningSetup } from '$shared/api/records';
import type { components } from '$shared/api/schema';
import { newId } from '$shared/ids';
import { feed } from '$shared/live/feed';
import { now } from '$shared/now.svelte';
import { saveFile } from '$shared/saveFile';
import { Collection } from '$shared/records/collection';
import { byGravity, holds } from '$shared/warnings/levels';
import './texts';

const LARGEST_BYTES = 1_000_000;
const ofDraft = (draft_id: string) => ({ params: { path: { draft_id } } });
const ofWarning = (warning_id: string) => ({ params: { path: { warning_id } } });

class Warnings {
  readonly records = feed.records('warning', new Collection<Warning>());
  readonly drafts = feed.records('warning_draft', new Collection<WarningDraft>());
  readonly receipts = feed.records('warning_receipt', new Collection<WarningReceipt>());

  /** The gravest first; by the clock, should nobody have told yet that one has expired. */
  inForce = $derived(this.records.all.filter((each) => holds(each, now.ms)).sort(byGravity));
  ended = $derived(this.records.all.filter((each) => !holds(each, now.ms)).sort((a, b) => b.sent_ms - a.sent_ms));
  written = $derived(
    this.drafts.all.filter(({ state }) => state === 'open' || state === 'approved').sort((a, b) => b.created_ms - a.created_ms),
  );

  seenOf(id: string): WarningReceipt[] {
    return this.receipts.all.filter(({ warning_id }) => warning_id === id).sort((a, b) => a.received_ms - b.received_ms);
  }

  /** The last hundred, those that ended long ago among them. */
  async loadLast(): Promise<void> {
    this.records.putAll(await ask(http.GET('/api/v1/warnings')));
  }

  async loadReceipts(id: string): Promise<void> {
    this.receipts.putAll(await ask(http.GET('/api/v1/warnings/{warning_id}/receipts', ofWarning(id))));
  }

  setup = (): Promise<WarningSetup> => ask(http.GET('/api/v1/warning-setup'));

  async draft(content: Partial<components['schemas']['DraftWarning']>): Promise<WarningDraft> {
    const body = { ...content, id: newId() } as components['schemas']['DraftWarning'];
    return this.drafts.put(await ask(http.POST('/api/v1/warning-drafts', { body })));
  }

  async edit(id: string, content: EditWarningDraft): Promise<WarningDraft> {
    const body = content as components['schemas']['EditDraft'];
    return this.drafts.put(await ask(http.PUT('/api/v1/warning-drafts/{draft_id}', { ...ofDraft(id), body })));
  }

  async discard({ id, version }: WarningDraft): Promise<void> {
    this.drafts.put(await ask(http.POST('/api/v1/warning-drafts/{draft_id}/discard', { ...ofDraft(id), body: { version } })));
  }

  async approve({ id, version }: WarningDraft): Promise<WarningDraft> {
    return this.drafts.put(await ask(http.POST('/api/v1/warning-drafts/{draft_id}/approve', { ...ofDraft(id), body: { version } })));
  }

  async publish({ id, version }: WarningDraft): Promise<Warning> {
    const body = { id: newId(), version };
    return this.records.put(await ask(http.POST('/api/v1/warning-drafts/{draft_id}/publish', { ...ofDraft(id), body })));
  }

  async cancel(id: string, reason: string): Promise<void> {
    this.records.put(await ask(http.POST('/api/v1/warnings/{warning_id}/cancel', { ...ofWarning(id), body: { reason } })));
  }

  reach = (area_codes: string[], outlines: WarningDraft['outlines']): Promise<WarningReach> =>
    ask(http.POST('/api/v1/warning-reach', { body: { area_codes, outlines } }));

  /** What a file of another body is worth; nothing is kept of it. */
  read = async (file: File): Promise<WarningFile> =>
    call('POST', '/warning-files', { query: { name: file.name.slice(0, 300) }, body: await bytesOf(file) });

  async receive(file: File): Promise<Warning> {
    const query = { id: newId(), name: file.name.slice(0, 300) };
    return this.records.put(await call<Warning>('POST', '/received-warnings', { query, body: await bytesOf(file) }));
  }

  /** A warning as a file, saved by the browser; refused where the format can't carry it. */
  async save(warning: Warning, format: 'cap' | 'national'): Promise<void> {
    const params = { ...ofWarning(warning.id).params, query: { format } };
    const asked = http.GET('/api/v1/warnings/{warning_id}/file', { params, parseAs: 'blob' });
    const blob = (await ask(asked as Promise<{ data?: unknown }>)) as Blob;
    const name = `${warning.identifier.replace(/[^\w.-]/g, '_').slice(0, 80)}.${format === 'cap' ? 'cap' : 'xml'}`;
    saveFile(blob, name);
  }
}

async function bytesOf(file: File): Promise<Blob> {
  if (file.size > LARGEST_BYTES) {
    throw new ApiProblem(413, 'too_large', '文件超过 1 MB,不是预警文件', 'The file is larger than 1 MB: no warning is');
  }
  return new Blob([await file.arrayBuffer()]);
}

export const warnings = new Warnings();
