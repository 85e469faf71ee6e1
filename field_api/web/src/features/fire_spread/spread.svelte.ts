/** The wind at the incident being worked, and the model's last estimate of how its fire may spread. */
import { ask, http } from '$shared/api/client';
import type { Fuel, ReportWind, Spread, SpreadHead, Wind } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { newId } from '$shared/ids';
import { feed } from '$shared/live/feed';
import { now } from '$shared/now.svelte';
import { Collection } from '$shared/records/collection';
import { session } from '$shared/session/session.svelte';
import { forIncident } from '../incidents/loads';
import { incidents } from '../incidents/incidents.svelte';
import './texts';

/** In hills the wind turns with the sun. */
const STALE_MS = 3_600_000;
export const MINUTES = [15, 30, 60] as const;

class FireSpread {
  readonly winds = feed.records('wind', new Collection<Wind>());
  readonly heads = feed.records('fire_spread', new Collection<SpreadHead>());
  /** The estimate that is shown, whole. */
  shown = $state.raw<Spread | null>(null);
  minutes = $state<(typeof MINUTES)[number]>(30);
  /** Whether it is on the map. */
  onMap = $state(true);

  wind = $derived(this.winds.all.find((each) => each.current && each.incident_id === desk.incidentId) ?? null);
  windAgeMs = $derived(this.wind ? now.ms - this.wind.observed_ms : 0);
  windStale = $derived(this.windAgeMs > STALE_MS);
  head = $derived(this.heads.all.find((each) => each.current && each.incident_id === desk.incidentId) ?? null);
  mayReport = $derived(session.may('wind.report') && incidents.current?.state === 'open');
  mayMake = $derived(session.may('fire_spread.make') && incidents.current?.state === 'open');

  constructor() {
    const query = { limit: 1 };
    forIncident(async (incident_id) => {
      this.winds.putAll(await ask(http.GET('/api/v1/wind', { params: { query: { ...query, incident_id } } })));
    }, 'wind.view');
    forIncident(async (incident_id) => {
      const params = { path: { incident_id }, query };
      this.heads.putAll(await ask(http.GET('/api/v1/incidents/{incident_id}/fire-spreads', { params })));
    }, 'fire_spread.view');
  }

  fuels = (): Promise<Fuel[]> => ask(http.GET('/api/v1/fire-spreads/fuels'));

  async report(given: Omit<ReportWind, 'id' | 'incident_id'>): Promise<void> {
    if (!desk.incidentId) return;
    const body = { ...given, id: newId(), incident_id: desk.incidentId };
    this.winds.put(await ask(http.POST('/api/v1/wind', { body })));
  }

  async make(drawing_id: string, fuel: string): Promise<void> {
    if (!desk.incidentId) return;
    const params = { path: { incident_id: desk.incidentId } };
    const body = { id: newId(), drawing_id, fuel, use_observed: true };
    this.shown = await ask(http.POST('/api/v1/incidents/{incident_id}/fire-spreads', { params, body }));
    this.onMap = true;
  }

  async fetch(spread_id: string): Promise<void> {
    if (this.shown?.id === spread_id) return;
    const found = await ask(http.GET('/api/v1/fire-spreads/{spread_id}', { params: { path: { spread_id } } }));
    if (found.incident_id === desk.incidentId) this.shown = found;
  }
}

export const fireSpread = new FireSpread();
