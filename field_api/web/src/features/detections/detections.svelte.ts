/** What the cameras saw: leads until a named person has judged them. */
import { ask, http } from '$shared/api/client';
import type { Detection, PlaceAlert, ReviewDetection } from '$shared/api/records';
import { newId } from '$shared/ids';
import { desk } from '$shared/desk.svelte';
import { feed } from '$shared/live/feed';
import { mapState } from '$shared/map/mapState.svelte';
import { now } from '$shared/now.svelte';
import { Collection } from '$shared/records/collection';
import { forIncident } from '../incidents/loads';
import './texts';

const at = (detection_id: string) => ({ params: { path: { detection_id } } });

class Detections {
  readonly records = feed.records('detection', new Collection<Detection>());
  /** The alert that is marked in the list and on the map. */
  selectedId = $state<string | null>(null);

  /** Ids of those put aside: words, so that a tick of the clock alone redraws nothing. */
  #asleep = $derived(
    this.records.all
      .filter(({ status, duplicate_of, snoozed_until_ms }) => status === 'open' && !duplicate_of && snoozed_until_ms !== null && snoozed_until_ms > now.ms)
      .map(({ id }) => id)
      .join(' '),
  );
  /** The next to come back first. */
  snoozed = $derived(
    (this.#asleep ? this.#asleep.split(' ') : [])
      .flatMap((id) => this.records.get(id) ?? [])
      .sort((a, b) => a.snoozed_until_ms! - b.snoozed_until_ms!),
  );

  open = $derived(
    this.records.all
      .filter((detection) => detection.status === 'open' && !detection.duplicate_of && !this.sleeps(detection.id))
      .sort((a, b) => b.t_ms - a.t_ms),
  );
  judged = $derived(
    this.records.all
      .filter((d) => d.status !== 'open' && !d.duplicate_of && d.incident_id === desk.incidentId)
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

  /** Who is looking at it now, nobody once their time is over. */
  holder({ taken_by, taken_until_ms }: Detection): string | null {
    return taken_until_ms !== null && taken_until_ms > now.ms ? taken_by : null;
  }

  sleeps(id: string): boolean {
    return this.#asleep.includes(id);
  }

  /** Say that one is looking at it; refused where somebody else is. */
  async take(id: string): Promise<Detection> {
    return this.records.put(await ask(http.POST('/api/v1/detections/{detection_id}/take', { ...at(id), body: { id: newId() } })));
  }

  async release(id: string): Promise<Detection> {
    return this.records.put(await ask(http.POST('/api/v1/detections/{detection_id}/release', { ...at(id), body: { id: newId() } })));
  }

  async snooze(id: string, minutes: 0 | 5 | 15): Promise<Detection> {
    const body = { id: newId(), minutes };
    return this.records.put(await ask(http.POST('/api/v1/detections/{detection_id}/snooze', { ...at(id), body })));
  }

  /** The alert that stands for both. */
  async merge(id: string, into_id: string): Promise<Detection> {
    const body = { id: newId(), into_id };
    return this.records.put(await ask(http.POST('/api/v1/detections/{detection_id}/merge', { ...at(id), body })));
  }

  async judge(id: string, body: ReviewDetection): Promise<Detection> {
    const params = { path: { detection_id: id } };
    const path = '/api/v1/detections/{detection_id}/review';
    return this.records.put(await ask(http.POST(path, { params, body })));
  }
}

export const detections = new Detections();
