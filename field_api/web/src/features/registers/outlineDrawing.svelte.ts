/** Drawing an outline on a map: one shape, then it is told; the same button again gives up. */
import type Feature from 'ol/Feature';
import type OlMap from 'ol/Map';
import type Geometry from 'ol/geom/Geometry';
import Draw from 'ol/interaction/Draw';
import type { StyleLike } from 'ol/style/Style';

export type Form = 'Polygon' | 'Circle';

export class OutlineDrawing {
  /** What is being drawn. */
  form = $state<Form | null>(null);
  #map: OlMap | null = null;
  #draw: Draw | null = null;

  constructor(
    private readonly style: () => StyleLike,
    private readonly drawn: (feature: Feature<Geometry>) => void,
  ) {}

  on(map: OlMap): void {
    this.#map = map;
  }

  begin(form: Form): void {
    const again = this.form === form;
    this.stop();
    if (again || !this.#map) return;
    this.form = form;
    this.#draw = new Draw({ type: form, style: this.style() });
    // After this event has run its course: the interaction is still busy with it.
    this.#draw.on('drawend', ({ feature }) =>
      setTimeout(() => {
        this.stop();
        this.drawn(feature);
      }),
    );
    this.#map.addInteraction(this.#draw);
  }

  stop(): void {
    if (this.#draw) this.#map?.removeInteraction(this.#draw);
    this.#draw = null;
    this.form = null;
  }
}
