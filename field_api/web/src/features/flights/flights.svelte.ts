/** Aircraft in the air: their state, sorties, orders, what they said and the way they flew. */
import { SvelteMap } from 'svelte/reactivity';
import { API, ask, expected, http } from '$shared/api/client';
import type { VehicleEvent, VehicleState } from '$shared/api/live';
import type {
  Anomaly,
  Command,
  Flown,
  FlyToPlace,
  FollowHandheld,
  KeepWatch,
  LookAgainAt,
  Sortie,
  Station,
  VehicleAction,
} from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { feed } from '$shared/live/feed';
import { now } from '$shared/now.svelte';
import { Collection } from '$shared/records/collection';
import { session } from '$shared/session/session.svelte';
import { forIncident } from '../incidents/loads';
import type { Seen } from './orders';
import { keepState } from './pastStates';
import { reliefsOf } from './stations';
import './texts';
import { airborneSince, linkOf, type VehicleEntry } from './vehicles';

const KEPT_EVENTS = 1000;
const EVENTS_PAGE = 200;
const TRAIL_POINTS = 600;
const TRAIL_EVERY_MS = 900;

/** States of a sortie before its take-off. */
const NOT_UP_YET = new Set<Sortie['state']>(['authorised', 'uploading', 'uploaded', 'starting']);

/** Orders to its computer: their answers stand on their own page, never over one of flight. */
const ONBOARD = new Set(['fetch_parameters', 'read_parameter', 'set_parameters', 'list_files', 'fetch_file']);

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
  readonly anomalies = feed.records('anomaly', new Collection<Anomaly>());
  readonly stations = feed.records('station', new Collection<Station>());
  readonly flown = feed.records('flown', new Collection<Flown>(), { whole: false });
  /** The last minutes as heard here. Not reactive: read by the map at its own pace. */
  readonly trails = new Map<string, TrailPoint[]>();

  ofIncident = $derived(
    this.sorties.all.filter((sortie) => sortie.incident_id === desk.incidentId),
  );
  flownOfIncident = $derived(
    this.flown.all.filter((track) => track.incident_id === desk.incidentId),
  );

  /** Places that are watched now. */
  watched = $derived(this.stations.all.filter((station) => station.state === 'watching'));
  /** Aircraft that could relieve another: authorised for this incident, and not flown. */
  reliefs = $derived(reliefsOf(this.ofIncident, this.watched));

  /** Since when each sortie is in the air, as far as it is known. */
  airborneSince = $derived(airborneSince(this.sorties.all, this.flown.all));
  /** Aircraft whose take-off is ordered and has not happened yet. */
  waiting = $derived(
    new Set(
      this.sorties.all
        .filter((sortie) => sortie.start_due_ms !== null && NOT_UP_YET.has(sortie.state))
        .map((sortie) => sortie.vehicle_id),
    ),
  );

  constructor() {
    feed.value('vehicle_state', (state) => {
      keepState(state);
      this.#heard(state);
    });
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
    // What was said before this page was opened; on the live channel comes only what is said from now on.
    forIncident((incident_id) => this.#fetchEvents({ incident_id }), 'sortie.view');
    feed.onSnapshot(() => {
      if (session.may('sortie.view')) void this.#fetchEvents({}).catch(expected);
    });
  }

  /** What is known of an aircraft when an order is considered. */
  seen(vehicleId: string): Seen {
    const entry = this.vehicles.get(vehicleId);
    return {
      state: entry?.state,
      link: entry ? linkOf(entry, now.ms) : null,
      waiting: this.waiting.has(vehicleId),
    };
  }

  /** Issue the report of an anomaly; returns where it can be read. */
  async reportAnomaly(sortie_id: string, text: string): Promise<string> {
    const params = { path: { sortie_id } };
    this.anomalies.put(
      await ask(http.POST('/api/v1/anomalies/{sortie_id}/report', { params, body: { text } })),
    );
    return `${API}/anomalies/${encodeURIComponent(sortie_id)}/report.pdf`;
  }

  async #fetchEvents(query: { incident_id?: string }): Promise<void> {
    const params = { query: { ...query, limit: EVENTS_PAGE } };
    // Newest first; kept are those that came last.
    const events = await ask(http.GET('/api/v1/vehicle-events', { params }));
    this.events.putAll(events.reverse());
  }

  /** The newest order of flight to an aircraft. */
  orderOf(vehicleId: string): Command | undefined {
    return this.commands.all
      .filter(({ vehicle_id, action }) => vehicle_id === vehicleId && !ONBOARD.has(action))
      .sort((a, b) => b.issued_ms - a.issued_ms)[0];
  }

  async order(id: string, vehicleId: string, action: VehicleAction): Promise<void> {
    const params = { path: { vehicle_id: vehicleId } };
    const path = '/api/v1/vehicles/{vehicle_id}/commands';
    this.commands.put(await ask(http.POST(path, { params, body: { id, action } })));
  }

  async flyTo(vehicleId: string, body: FlyToPlace): Promise<void> {
    const params = { path: { vehicle_id: vehicleId } };
    this.commands.put(await ask(http.POST('/api/v1/vehicles/{vehicle_id}/fly-to', { params, body })));
  }

  async lookAgain(vehicleId: string, body: LookAgainAt): Promise<void> {
    const params = { path: { vehicle_id: vehicleId } };
    this.commands.put(await ask(http.POST('/api/v1/vehicles/{vehicle_id}/look-again', { params, body })));
  }

  /** Stay with a handheld as it moves. */
  async follow(vehicleId: string, body: FollowHandheld): Promise<void> {
    const params = { path: { vehicle_id: vehicleId } };
    this.commands.put(await ask(http.POST('/api/v1/vehicles/{vehicle_id}/follow', { params, body })));
  }

  /** Watch a place with this aircraft, relieved in time by others. */
  async keepWatch(vehicleId: string, body: KeepWatch): Promise<void> {
    const params = { path: { vehicle_id: vehicleId } };
    this.stations.put(await ask(http.POST('/api/v1/vehicles/{vehicle_id}/keep-watch', { params, body })));
  }

  /** Everybody down by one request: all orders of it, also those that could not be sent. */
  async abort(id: string, how: 'return' | 'land'): Promise<void> {
    const { orders } = await ask(http.POST('/api/v1/flights/abort', { body: { id, how } }));
    this.commands.putAll(orders);
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
