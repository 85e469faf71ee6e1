/** The timeline as a list that is searched and filtered by the command post, newest first. */
import { API, ask, http, withQuery } from '$shared/api/client';
import type { TimelineEntry } from '$shared/api/records';
import { language } from '$shared/i18n/i18n.svelte';
import { Attempt } from '$shared/ui/attempt.svelte';

const PAGE = 100;

export const KINDS = ['people', 'all', 'alerts', 'flights', 'tasks'] as const;
export type Kind = (typeof KINDS)[number];

const SUBJECTS: Partial<Record<Kind, string[]>> = {
  alerts: ['detection', 'detection_mask', 'sos', 'anomaly', 'warning'],
  flights: ['plan', 'sortie', 'command', 'vehicle', 'station', 'flown', 'camera', 'application'],
  tasks: ['task', 'message', 'field_report', 'view'],
};

export class Log {
  kind = $state<Kind>('people');
  sought = $state('');
  lines = $state.raw<TimelineEntry[]>([]);
  /** Whether there are older lines than those shown. */
  more = $state(false);
  readonly reading = new Attempt();
  /** Answers to what is no longer asked are dropped. */
  #asked = 0;

  readonly #wanted = $derived({
    ...(this.sought.trim() ? { q: this.sought.trim() } : {}),
    ...(this.kind === 'people' ? { people_only: true } : {}),
    ...(SUBJECTS[this.kind] ? { subject: SUBJECTS[this.kind] } : {}),
  });

  async read(incidentId: string, older = false): Promise<void> {
    const asked = (this.#asked += 1);
    const before = older ? this.lines.at(-1)?.seq : undefined;
    const query = { ...this.#wanted, limit: PAGE, ...(before === undefined ? {} : { before_seq: before }) };
    const params = { path: { incident_id: incidentId }, query };
    const page = await this.reading.run(() => ask(http.GET('/api/v1/incidents/{incident_id}/timeline', { params })));
    if (!page || asked !== this.#asked) return;
    this.more = page.length === PAGE;
    const newestFirst = [...page].reverse();
    this.lines = older ? [...this.lines, ...newestFirst] : newestFirst;
  }

  /** The address of the same lines as a table. */
  tableHref(incidentId: string): string {
    return withQuery(`${API}/incidents/${incidentId}/timeline.csv`, { language: language.short, ...this.#wanted });
  }
}
