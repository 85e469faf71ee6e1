/** What the cameras saw: leads until a named person has judged them. */
import { ask, http } from '$shared/api/client';
import type { Detection, PlaceAlert, ReviewDetection } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { feed } from '$shared/live/feed';
import { mapState } from '$shared/map/mapState.svelte';
import { Collection } from '$shared/records/collection';
import { forIncident } from '../incidents/loads';
import './texts';

class Detections {
  readonly records = feed.records('detection', new Collection<Detection>());
  /** The alert that is marked in the list and on the map. */
  selectedId = $state<string | null>(null);

  open = $derived(
    this.records.all
      .filter((detection) => detection.status === 'open')
      .sort((a, b) => b.t_ms - a.t_ms),
  );
  judged = $derived(
    this.records.all
      .filter((d) => d.status !== 'open' && d.incident_id === desk.incidentId)
      .sort((a, b) => (b.reviewed_ms ?? 0) - (a.reviewed_ms ?? 0)),
  );
  review = $derived(desk.reviewId ? (this.records.get(desk.reviewId) ?? null) : null);

  constructor() {
    forIncident(async (incident_id) => {
      const query = { incident_id };
      this.records.putAll(await ask(http.GET('/api/v1/detections', { params: { query } })));
    }, 'detection.view');
  }

  select(detection: Detection): void {
    this.selectedId = detection.id;
    if (detection.position) mapState.lookAt(detection.position);
  }

  /** Select the alert after the current one and show where it is. */
  next(step = 1): Detection | null {
    const alerts = this.open;
    if (!alerts.length) return null;
    const at = alerts.findIndex((alert) => alert.id === this.selectedId);
    const next = alerts[(at + step + alerts.length) % alerts.length]!;
    this.select(next);
    return next;
  }

  /** Put an alert that no camera could place on the map. */
  async place(id: string, body: PlaceAlert): Promise<Detection> {
    const params = { path: { detection_id: id } };
    return this.records.put(await ask(http.POST('/api/v1/detections/{detection_id}/place', { params, body })));
  }

  async judge(id: string, body: ReviewDetection): Promise<Detection> {
    const params = { path: { detection_id: id } };
    const path = '/api/v1/detections/{detection_id}/review';
    return this.records.put(await ask(http.POST(path, { params, body })));
  }
}

export const detections = new Detections();
