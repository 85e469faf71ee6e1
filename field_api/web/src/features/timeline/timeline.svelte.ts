/** Who did what: paged in once, then continued by the live channel line by line. */
import { ask, http } from '$shared/api/client';
import type { TimelineEntry } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { feed } from '$shared/live/feed';
import { Collection } from '$shared/records/collection';
import { forIncident } from '../incidents/loads';
import { fold } from './fold';
import './texts';

const PAGE = 200;

class Timeline {
  /** A line never changes: version 1 for ever. */
  readonly records = feed.records(
    'timeline',
    new Collection<TimelineEntry>((entry) => String(entry.seq), () => 1, 5000),
    { whole: false },
  );
  /** Whether there are older lines than those shown. */
  more = $state(false);
  /** Whether the list of every line is open, over the strip. */
  opened = $state(false);

  entries = $derived(
    this.records.all
      .filter((entry) => entry.incident_id === desk.incidentId)
      .sort((a, b) => a.seq - b.seq),
  );

  /** What a person reads first: the rest is folded. */
  cards = $derived(fold(this.entries));

  constructor() {
    forIncident((id) => this.#first(id), 'timeline.view');
  }

  async #first(incidentId: string): Promise<void> {
    const page = await this.#page(incidentId, {});
    this.more = page.length === PAGE;
    this.records.putAll(page);
  }

  /** Page in what was before. */
  async earlier(): Promise<void> {
    const first = this.entries[0];
    if (!first) return;
    const page = await this.#page(first.incident_id, { before_seq: first.seq });
    this.more = page.length === PAGE;
    this.records.putAll(page);
  }

  #page(incident_id: string, query: { before_seq?: number }): Promise<TimelineEntry[]> {
    const params = { path: { incident_id }, query: { limit: PAGE, ...query } };
    return ask(http.GET('/api/v1/incidents/{incident_id}/timeline', { params }));
  }
}

export const timeline = new Timeline();
