/** Calls for help that have not ended; heard again and again until somebody silences them here. */
import { SvelteSet } from 'svelte/reactivity';
import { ask, http } from '$shared/api/client';
import type { Sos } from '$shared/api/records';
import { feed } from '$shared/live/feed';
import type { LatLon } from '$shared/geodesy';
import { newId } from '$shared/ids';
import { Collection } from '$shared/records/collection';
import { roster } from '../roster/roster.svelte';
import './texts';

export interface Whereabouts extends LatLon {
  accuracy_m: number | null;
  t_ms: number;
}

class Calls {
  readonly records = feed.records('sos', new Collection<Sos>());
  /** Silenced on this screen only: others still hear it. */
  readonly silenced = new SvelteSet<string>();

  open = $derived(
    this.records.all.filter(({ state }) => state === 'raised').sort((a, b) => b.raised_ms - a.raised_ms),
  );
  loud = $derived(this.open.some(({ id }) => !this.silenced.has(id)));

  /** Where who calls is now: the handheld goes on saying so; null if it never did. */
  placeOf({ terminal_id, lat_deg, lon_deg, accuracy_m, raised_ms }: Sos): Whereabouts | null {
    const said = lat_deg === null || lon_deg === null ? null : { lat_deg, lon_deg, accuracy_m, t_ms: raised_ms };
    const heard = roster.positions.get(terminal_id);
    if (!heard || (said && said.t_ms > heard.t_ms)) return said;
    return { lat_deg: heard.lat_deg, lon_deg: heard.lon_deg, accuracy_m: heard.accuracy_m ?? null, t_ms: heard.t_ms };
  }

  async end(id: string, reason: string): Promise<Sos> {
    const body = { id: newId(), t_ms: Date.now(), reason };
    return this.records.put(await ask(http.POST('/api/v1/sos/{sos_id}/cancel', { params: { path: { sos_id: id } }, body })));
  }
}

export const calls = new Calls();
