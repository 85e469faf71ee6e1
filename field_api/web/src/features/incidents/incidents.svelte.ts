/** Incidents; which one is worked is said by the address. */
import { ApiProblem, ask, http } from '$shared/api/client';
import type { Incident, OpenIncident } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { feed } from '$shared/live/feed';
import { Collection } from '$shared/records/collection';
import './texts';

class Incidents {
  readonly records = feed.records('incident', new Collection<Incident>());
  /** The address names an incident that is not there, or not for this person. */
  missing = $state<string | null>(null);

  current = $derived(desk.incidentId ? (this.records.get(desk.incidentId) ?? null) : null);
  open = $derived(
    this.records.all
      .filter((incident) => incident.state === 'open')
      .sort((a, b) => b.opened_ms - a.opened_ms),
  );

  async openIncident(body: OpenIncident): Promise<Incident> {
    return this.records.put(await ask(http.POST('/api/v1/incidents', { body })));
  }

  /** A closed incident is in no snapshot: fetch what the address names. */
  async fetch(id: string): Promise<void> {
    if (this.missing === id) this.missing = null;
    if (this.records.has(id)) return;
    try {
      const path = { incident_id: id };
      this.records.put(await ask(http.GET('/api/v1/incidents/{incident_id}', { params: { path } })));
    } catch (problem) {
      if (!(problem instanceof ApiProblem) || problem.worthRetrying) throw problem;
      this.missing = id;
    }
  }
}

export const incidents = new Incidents();
