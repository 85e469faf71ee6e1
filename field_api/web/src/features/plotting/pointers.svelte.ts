/** “Look here”: places that people point at, for as long as they are fresh. */
import { ask, http } from '$shared/api/client';
import type { Pointer } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import type { LatLon } from '$shared/geodesy';
import { newId } from '$shared/ids';
import { feed } from '$shared/live/feed';
import { now } from '$shared/now.svelte';
import { Collection } from '$shared/records/collection';
import { session } from '$shared/session/session.svelte';
import { incidents } from '../incidents/incidents.svelte';
import './texts';

class Pointers {
  readonly records = feed.records('pointer', new Collection<Pointer>());
  /** Somebody wants to point: the map is asked for a place. */
  asked = $state(false);

  #ofIncident = $derived(this.records.all.filter((each) => !each.ended && each.incident_id === desk.incidentId));
  #count = $derived(this.#ofIncident.filter((each) => each.until_ms > now.ms).length);
  /** The last one first; made anew only when one came or faded. */
  fresh = $derived(
    [...this.#ofIncident].sort((a, b) => b.until_ms - a.until_ms).slice(0, this.#count),
  );
  may = $derived(session.may('pointer.make') && incidents.current?.state === 'open');

  async point(place: LatLon, text: string): Promise<void> {
    if (!desk.incidentId) return;
    const body = {
      id: newId(),
      incident_id: desk.incidentId,
      t_ms: Math.round(now.read()),
      lat_deg: place.lat_deg,
      lon_deg: place.lon_deg,
      text,
      minutes: 10,
    };
    this.records.put(await ask(http.POST('/api/v1/pointers', { body })));
  }

  async end({ id }: Pointer): Promise<void> {
    const params = { path: { pointer_id: id } };
    this.records.put(await ask(http.POST('/api/v1/pointers/{pointer_id}/end', { params, body: { id: newId() } })));
  }
}

export const pointers = new Pointers();
