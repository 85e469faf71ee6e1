/** Incidents; which one is worked is said by the address. */
import { ApiProblem, ask, http } from '$shared/api/client';
import type { CountPeople, EditIncident, Incident, OpenIncident, PeopleFigures } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { feed } from '$shared/live/feed';
import { Collection } from '$shared/records/collection';
import { forIncident } from './loads';
import type { PeopleSaid } from './peopleSaid';
import type { Sought } from './choosing';
import './texts';

const CLOSED_PAGE = 50;
const FIGURES_PAGE = 100;

class Incidents {
  readonly records = feed.records('incident', new Collection<Incident>());
  /** Every count of people of the incidents that were opened here. */
  readonly figures = feed.records('incident_figures', new Collection<PeopleFigures>(), { whole: false });
  /** Whether there are older counts than those fetched. */
  moreFigures = $state(false);
  /** The address names an incident that is not there, or not for this person. */
  missing = $state<string | null>(null);
  /** The list to choose from is open. */
  choosing = $state(false);

  /** What a report says of people, waiting to be confirmed as a count of its incident. */
  said = $state.raw<{ of: string; people: PeopleSaid; source: string } | null>(null);

  current = $derived(desk.incidentId ? (this.records.get(desk.incidentId) ?? null) : null);
  open = $derived(
    this.records.all
      .filter((incident) => incident.state === 'open')
      .sort((a, b) => b.opened_ms - a.opened_ms),
  );

  /** Counts of the incident that is worked, newest first. */
  counts = $derived(
    this.figures.all
      .filter((each) => each.incident_id === desk.incidentId)
      .sort((a, b) => b.t_ms - a.t_ms || (a.id < b.id ? 1 : -1)),
  );

  constructor() {
    forIncident((id) => this.#figuresPage(id), 'timeline.view');
  }

  earlierFigures(): Promise<void> {
    const last = this.counts.at(-1);
    return last ? this.#figuresPage(last.incident_id, last.id) : Promise.resolve();
  }

  async #figuresPage(incident_id: string, before?: string): Promise<void> {
    const params = { path: { incident_id }, query: { limit: FIGURES_PAGE, ...(before ? { before } : {}) } };
    const page = await ask(http.GET('/api/v1/incidents/{incident_id}/figures', { params }));
    this.moreFigures = page.length === FIGURES_PAGE;
    this.figures.putAll(page);
  }

  /** A page of closed incidents, the last ones first; and whether there is another page. */
  async closedPage({ q, kind }: Sought, before?: string): Promise<{ rows: Incident[]; more: boolean }> {
    const query = {
      state: 'closed' as const,
      limit: CLOSED_PAGE,
      ...(q.trim() ? { q: q.trim() } : {}),
      ...(kind ? { kind } : {}),
      ...(before ? { before } : {}),
    };
    const rows = await ask(http.GET('/api/v1/incidents', { params: { query } }));
    return { rows: rows.map((row) => this.records.put(row)), more: rows.length === CLOSED_PAGE };
  }

  async edit(incident_id: string, body: EditIncident): Promise<void> {
    const params = { path: { incident_id } };
    this.records.put(await ask(http.POST('/api/v1/incidents/{incident_id}/edit', { params, body })));
  }

  async count(incident_id: string, body: CountPeople): Promise<void> {
    const params = { path: { incident_id } };
    this.records.put(await ask(http.POST('/api/v1/incidents/{incident_id}/figures', { params, body })));
  }

  /** Return what a report says of this incident's people, once. */
  takeSaid(id: string): { people: PeopleSaid; source: string } | null {
    const said = this.said?.of === id ? this.said : null;
    this.said = null;
    return said;
  }

  async merge(id: string, incident_id: string, text: string): Promise<void> {
    const params = { path: { incident_id: id } };
    this.records.put(await ask(http.POST('/api/v1/incidents/{incident_id}/merge', { params, body: { incident_id, text } })));
  }

  async close(incident_id: string, text: string): Promise<void> {
    const params = { path: { incident_id } };
    this.records.put(await ask(http.POST('/api/v1/incidents/{incident_id}/close', { params, body: { text } })));
  }

  async reopen(incident_id: string, text: string): Promise<void> {
    const params = { path: { incident_id } };
    this.records.put(await ask(http.POST('/api/v1/incidents/{incident_id}/reopen', { params, body: { text } })));
  }

  async openIncident(body: OpenIncident): Promise<Incident> {
    return this.records.put(await ask(http.POST('/api/v1/incidents', { body })));
  }

  /** Fetch one that is spoken of beside the one that is worked. */
  async look(incident_id: string): Promise<void> {
    const params = { path: { incident_id } };
    this.records.put(await ask(http.GET('/api/v1/incidents/{incident_id}', { params })));
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
