/** Quick reports from the field: those that wait for the desk, and what was made of the others. */
import { ask, http } from '$shared/api/client';
import type { AcceptReport, FieldReport } from '$shared/api/records';
import { feed } from '$shared/live/feed';
import { newId } from '$shared/ids';
import { mapState } from '$shared/map/mapState.svelte';
import { Collection } from '$shared/records/collection';
import './texts';

class Reports {
  readonly records = feed.records('field_report', new Collection<FieldReport>());
  /** The one that is marked in the list and on the map. */
  selectedId = $state<string | null>(null);

  /** The longest waiting first: nobody's report is buried under newer ones. */
  waiting = $derived(
    this.records.all.filter(({ state }) => state === 'new').sort((a, b) => a.reported_ms - b.reported_ms),
  );
  answered = $derived(
    this.records.all
      .filter(({ state }) => state !== 'new')
      .sort((a, b) => (b.answered_ms ?? 0) - (a.answered_ms ?? 0)),
  );

  select(report: FieldReport): void {
    this.selectedId = report.id;
    mapState.lookAt(report, 15);
  }

  async accept(id: string, body: AcceptReport): Promise<FieldReport> {
    const path = '/api/v1/field-reports/{report_id}/accept';
    return this.records.put(await ask(http.POST(path, { params: { path: { report_id: id } }, body })));
  }

  async file(id: string, reason: string): Promise<FieldReport> {
    const path = '/api/v1/field-reports/{report_id}/file';
    const body = { id: newId(), reason };
    return this.records.put(await ask(http.POST(path, { params: { path: { report_id: id } }, body })));
  }
}

export const reports = new Reports();
