/** Aircraft in the air: their state, sorties, orders, what they said and the way they flew. */
import { SvelteMap } from 'svelte/reactivity';
import { ask, http } from '$shared/api/client';
import type { VehicleEvent, VehicleState } from '$shared/api/live';
import type { Command, Flown, Sortie, VehicleAction } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { newId } from '$shared/ids';
import { feed } from '$shared/live/feed';
import { now } from '$shared/now.svelte';
import { Collection } from '$shared/records/collection';
import { forIncident } from '../incidents/loads';
import './texts';
import type { VehicleEntry } from './vehicles';

const KEPT_EVENTS = 300;
const TRAIL_POINTS = 600;
const TRAIL_EVERY_MS = 900;

/** Longitude, latitude, time. */
export type TrailPoint = [number, number, number];

class Flights {
  readonly vehicles = new SvelteMap<string, VehicleEntry>();
  readonly sorties = feed.records('sortie', new Collection<Sortie>());
  readonly commands = feed.records('command', new Collection<Command>(undefined, undefined, 500));
  readonly events = feed.records(
    'vehicle_event',
    new Collection<VehicleEvent>((event) => event.id, () => 1, KEPT_EVENTS),
    { whole: false },
  );
  readonly flown = feed.records('flown', new Collection<Flown>(), { whole: false });
  /** The last minutes as heard here. Not reactive: read by the map at its own pace. */
  readonly trails = new Map<string, TrailPoint[]>();
  /** The aircraft that is looked at. */
  selectedId = $state<string | null>(null);

  ofIncident = $derived(
    this.sorties.all.filter((sortie) => sortie.incident_id === desk.incidentId),
  );
  flownOfIncident = $derived(
    this.flown.all.filter((track) => track.incident_id === desk.incidentId),
  );

  constructor() {
    feed.value('vehicle_state', (state) => this.#heard(state));
    feed.onReset(() => {
      this.vehicles.clear();
      this.trails.clear();
    });
    forIncident(async (incident_id) => {
      const query = { incident_id };
      this.sorties.putAll(await ask(http.GET('/api/v1/sorties', { params: { query } })));
    }, 'sortie.view');
    // The way flown so far, so that it is there after a reload.
    forIncident(async (incident_id) => {
      const params = { path: { incident_id } };
      const tracks = await ask(http.GET('/api/v1/incidents/{incident_id}/tracks', { params }));
      this.flown.putAll(tracks as Flown[]); // openapi-fetch makes lists of tuples
    }, 'sortie.view');
  }

  /** The newest order to an aircraft. */
  orderOf(vehicleId: string): Command | undefined {
    return this.commands.all
      .filter((command) => command.vehicle_id === vehicleId)
      .sort((a, b) => b.issued_ms - a.issued_ms)[0];
  }

  async order(vehicleId: string, action: VehicleAction): Promise<void> {
    const params = { path: { vehicle_id: vehicleId } };
    const body = { id: newId(), action };
    const path = '/api/v1/vehicles/{vehicle_id}/commands';
    this.commands.put(await ask(http.POST(path, { params, body })));
  }

  #heard(state: VehicleState): void {
    this.vehicles.set(state.vehicle_id, { state, receivedMs: now.read() });
    if (state.lat_deg == null || state.lon_deg == null) return;
    let trail = this.trails.get(state.vehicle_id);
    if (!trail) this.trails.set(state.vehicle_id, (trail = []));
    const last = trail.at(-1);
    if (!last || state.t_ms - last[2] >= TRAIL_EVERY_MS) {
      trail.push([state.lon_deg, state.lat_deg, state.t_ms]);
      if (trail.length > TRAIL_POINTS) trail.shift();
    }
  }
}

export const flights = new Flights();
