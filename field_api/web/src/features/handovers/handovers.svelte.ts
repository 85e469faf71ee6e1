/** Shift changes: the one that waits for somebody to take over, and past ones page by page. */
import { ask, http } from '$shared/api/client';
import type { Handover, Standing } from '$shared/api/records';
import { feed } from '$shared/live/feed';
import { Collection } from '$shared/records/collection';
import './texts';

const PAGE = 50;
const path = (handover_id: string) => ({ params: { path: { handover_id } } });

class Handovers {
  readonly records = feed.records('handover', new Collection<Handover>(), { whole: false });
  /** Whether there are older ones than those fetched. */
  more = $state(false);

  all = $derived(this.records.all.sort((a, b) => b.signed_ms - a.signed_ms || (a.id < b.id ? 1 : -1)));
  /** Signed off, and nobody has taken over: the longest waiting first. */
  waiting = $derived(this.all.filter(({ state }) => state === 'signed').reverse());

  async load(before?: string): Promise<void> {
    const query = { limit: PAGE, ...(before ? { before } : {}) };
    const page = await ask(http.GET('/api/v1/handovers', { params: { query } }));
    this.more = page.length === PAGE;
    this.records.putAll(page);
  }

  async look(id: string): Promise<void> {
    this.records.put(await ask(http.GET('/api/v1/handovers/{handover_id}', path(id))));
  }

  draft = (): Promise<Standing> => ask(http.GET('/api/v1/handovers/draft'));

  async sign(id: string, note: string): Promise<Handover> {
    return this.records.put(await ask(http.POST('/api/v1/handovers', { body: { id, note } })));
  }

  async edit({ id, version }: Handover, note: string): Promise<Handover> {
    return this.records.put(await ask(http.POST('/api/v1/handovers/{handover_id}/edit', { ...path(id), body: { version, note } })));
  }

  async confirm({ id, version }: Handover, remark: string): Promise<Handover> {
    return this.records.put(await ask(http.POST('/api/v1/handovers/{handover_id}/confirm', { ...path(id), body: { version, remark } })));
  }
}

export const handovers = new Handovers();
