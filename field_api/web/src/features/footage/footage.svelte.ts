/** What was recorded of the incident, and what is taken out of it. */
import { ask, http } from '$shared/api/client';
import type { Footage as FootagePage, FootageExport, StreamFootage } from '$shared/api/records';
import { newId } from '$shared/ids';
import { replay } from '../flights/replay.svelte';
import { forIncident } from '../incidents/loads';
import { merged } from './spans';
import './texts';

const PAGE = 1000;
/** What is being recorded grows: asked again so often while somebody looks. */
export const LOOK_MS = 15_000;
/** A file that was being written when it was asked for began at most so long before. */
const OVERLAP_MS = 330_000;

class Footage {
  incidentId = $state<string | null>(null);
  streams = $state.raw<StreamFootage[]>([]);
  stopped = $state<string | null>(null);

  ofVehicle(vehicleId: string): StreamFootage | undefined {
    return this.streams.find((stream) => stream.vehicle_id === vehicleId);
  }

  async load(incidentId: string): Promise<void> {
    if (this.incidentId !== incidentId) {
      this.incidentId = incidentId;
      this.#take([], null);
    }
    const newest = Math.max(0, ...this.streams.flatMap(({ files }) => files.at(-1)?.began_ms ?? 0));
    let from: number | null = Math.max(0, newest - OVERLAP_MS);
    let streams = this.streams;
    while (from !== null) {
      const page: FootagePage = await ask(
        http.GET('/api/v1/footage', {
          params: { query: { incident_id: incidentId, from_ms: from, to_ms: Date.now() + 60_000, limit: PAGE } },
        }),
      );
      if (this.incidentId !== incidentId) return;
      streams = merged(streams, page.streams);
      this.#take(streams, page.stopped ?? null);
      from = page.next_ms ?? null;
    }
  }

  #take(streams: StreamFootage[], stopped: string | null): void {
    this.streams = streams;
    this.stopped = stopped;
    const files = streams.flatMap((stream) => stream.files);
    replay.recorded = files.length
      ? [Math.min(...files.map((one) => one.began_ms)), Math.max(...files.map((one) => one.ended_ms))]
      : null;
  }

  takeOut(kind: FootageExport['kind'], streamId: string, fromMs: number, toMs: number): Promise<FootageExport> {
    return ask(
      http.POST('/api/v1/footage/exports', {
        body: {
          id: newId(),
          kind,
          stream_id: streamId,
          from_ms: Math.round(fromMs),
          to_ms: Math.round(toMs),
          incident_id: this.incidentId,
          text: '',
        },
      }),
    );
  }
}

export const footage = new Footage();
forIncident((id) => footage.load(id), 'video.view');
