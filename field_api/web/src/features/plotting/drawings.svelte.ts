/** What is drawn on the map of the incident being worked, and what is being drawn now. */
import { ask, call, http } from '$shared/api/client';
import type { Drawing, DrawingContent, DrawingFile, FireLine } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { newId } from '$shared/ids';
import { feed } from '$shared/live/feed';
import { mapState } from '$shared/map/mapState.svelte';
import { now } from '$shared/now.svelte';
import { Collection } from '$shared/records/collection';
import { session } from '$shared/session/session.svelte';
import { incidents } from '../incidents/incidents.svelte';
import { forIncident } from '../incidents/loads';
import { FORMS, type Form, type Kind, type Shape } from './kinds';
import './texts';

const PAGE = 500;
const path = (drawing_id: string) => ({ params: { path: { drawing_id } } });

/** What is being drawn on the map. */
export interface Sketch {
  kind: Kind;
  form: Form;
}

class Drawings {
  readonly records = feed.records('drawing', new Collection<Drawing>());
  /** Figures of the incident's fire lines, the last seen first. */
  lines = $state.raw<FireLine[]>([]);
  selectedId = $state<string | null>(null);
  sketch = $state.raw<Sketch | null>(null);
  /** Somebody wants to choose what to draw. */
  asked = $state(false);
  /** A text is drawn before its words are known. */
  wordless = $state.raw<Shape | null>(null);

  ofIncident = $derived(
    this.records.all
      .filter((each) => each.incident_id === desk.incidentId && each.state === 'drawn')
      .sort((a, b) => b.made_ms - a.made_ms || (a.id < b.id ? 1 : -1)),
  );
  selected = $derived(this.ofIncident.find((each) => each.id === this.selectedId) ?? null);
  /** Nothing is drawn in an incident that has ended. */
  may = $derived(session.may('drawing.make') && incidents.current?.state === 'open');

  constructor() {
    // A snapshot holds what is on the maps of open incidents: a closed one is paged in.
    forIncident(async (incident_id) => {
      let before: string | undefined;
      for (;;) {
        const query = { incident_id, limit: PAGE, ...(before ? { before } : {}) };
        const page = await ask(http.GET('/api/v1/drawings', { params: { query } }));
        this.records.putAll(page);
        before = page.at(-1)?.id;
        if (page.length < PAGE) return;
      }
    }, 'drawing.view');
  }

  mayChange = (drawing: Drawing): boolean =>
    this.may && (drawing.author_id === session.user?.id || session.may('drawing.edit'));

  begin(kind: Kind, form: Form = FORMS[kind][0]!): void {
    this.selectedId = null;
    this.wordless = null;
    this.sketch = { kind, form };
    mapState.mode = form === 'point' ? 'plot-point' : 'plot';
  }

  async make(content: Partial<DrawingContent> & Pick<DrawingContent, 'kind' | 'shape'>): Promise<void> {
    if (!desk.incidentId) return;
    const body = { label: '', note: '', ...content, id: newId(), incident_id: desk.incidentId, t_ms: Math.round(now.read()) };
    const made = this.records.put(await ask(http.POST('/api/v1/drawings', { body })));
    this.selectedId = made.id;
  }

  async edit(drawing: Drawing, changes: Partial<DrawingContent>): Promise<void> {
    const { kind, shape, label, note, observed_ms, source, error_m, version } = drawing;
    const body = { kind, shape, label, note, observed_ms, source, error_m, ...changes, id: newId(), version };
    this.records.put(await ask(http.POST('/api/v1/drawings/{drawing_id}/edit', { ...path(drawing.id), body })));
  }

  async remove(drawing: Drawing): Promise<void> {
    const body = { id: newId(), version: drawing.version };
    this.records.put(await ask(http.POST('/api/v1/drawings/{drawing_id}/delete', { ...path(drawing.id), body })));
  }

  /** Take back what one did last in this incident. */
  async undo(): Promise<void> {
    if (!desk.incidentId) return;
    const body = { id: newId(), incident_id: desk.incidentId };
    this.records.put(await ask(http.POST('/api/v1/drawings/undo', { body })));
  }

  async fetchLines(incident_id: string): Promise<void> {
    const lines = await ask(http.GET('/api/v1/incidents/{incident_id}/fire-lines', { params: { path: { incident_id } } }));
    if (incident_id === desk.incidentId) this.lines = lines;
  }

  read = async (file: File): Promise<DrawingFile> =>
    call('POST', '/drawing-files', { query: { name: file.name.slice(0, 300) }, body: new Blob([await file.arrayBuffer()]) });

  async take(file_name: string, chosen: DrawingContent[]): Promise<void> {
    if (!desk.incidentId) return;
    const body = {
      id: newId(),
      incident_id: desk.incidentId,
      t_ms: Math.round(now.read()),
      file_name,
      drawings: chosen.map((each) => ({ ...each, id: newId() })),
    };
    await ask(http.POST('/api/v1/drawings/import', { body }));
  }
}

export const drawings = new Drawings();
