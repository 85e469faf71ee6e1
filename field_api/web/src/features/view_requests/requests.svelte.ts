/** Requests from the field for a drone's view: those that wait for somebody, and how others ended. */
import { ask, http } from '$shared/api/client';
import type { AnswerView, ViewRequest } from '$shared/api/records';
import { newId } from '$shared/ids';
import { feed } from '$shared/live/feed';
import { mapState } from '$shared/map/mapState.svelte';
import { Collection } from '$shared/records/collection';
import './texts';

const path = (request_id: string) => ({ params: { path: { request_id } } });

class ViewRequests {
  readonly records = feed.records('view_request', new Collection<ViewRequest>());
  /** The one that is marked in the list and on the map. */
  selectedId = $state<string | null>(null);

  /** The longest waiting first; those that somebody sees to come after those that nobody does. */
  open = $derived(
    this.records.all
      .filter(({ state }) => state === 'waiting' || state === 'taken')
      .sort((a, b) => Number(a.state === 'taken') - Number(b.state === 'taken') || a.received_ms - b.received_ms),
  );
  waiting = $derived(this.open.filter(({ state }) => state === 'waiting'));
  ended = $derived(
    this.records.all
      .filter(({ ended_ms }) => ended_ms !== null)
      .sort((a, b) => (b.ended_ms ?? 0) - (a.ended_ms ?? 0)),
  );

  select(request: ViewRequest): void {
    this.selectedId = request.id;
    mapState.lookAt(request, 15);
  }

  async take(id: string): Promise<ViewRequest> {
    const body = { id: newId() };
    return this.records.put(await ask(http.POST('/api/v1/view-requests/{request_id}/take', { ...path(id), body })));
  }

  async refuse(id: string, reason: string): Promise<ViewRequest> {
    const body = { id: newId(), reason };
    return this.records.put(await ask(http.POST('/api/v1/view-requests/{request_id}/refuse', { ...path(id), body })));
  }

  async answer(id: string, body: AnswerView): Promise<ViewRequest> {
    return this.records.put(await ask(http.POST('/api/v1/view-requests/{request_id}/answer', { ...path(id), body })));
  }
}

export const viewRequests = new ViewRequests();

/** What was asked about an inspection, its end however long ago. */
export async function loadOfInspection(inspection_id: string): Promise<void> {
  viewRequests.records.putAll(await ask(http.GET('/api/v1/view-requests', { params: { query: { inspection_id } } })));
}
