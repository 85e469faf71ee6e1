/** Drawing on the map with mouse or keys, and dragging the corners of what is selected. */
import Collection from 'ol/Collection';
import type Feature from 'ol/Feature';
import type OlMap from 'ol/Map';
import Draw from 'ol/interaction/Draw';
import Modify from 'ol/interaction/Modify';
import { Circle as Dot, Fill, Stroke, Style } from 'ol/style';
import { casing } from '$shared/map/ink';
import { mapState } from '$shared/map/mapState.svelte';
import type { Form, Shape } from './kinds';
import { shapeOf, type Drawn } from './shapes';

const TYPES = { point: 'Point', line: 'LineString', area: 'Polygon' } as const;
const vertex = new Style({
  image: new Dot({ radius: 6, fill: new Fill({ color: '#0a1018' }), stroke: new Stroke({ color: '#fff', width: 2 }) }),
});
const sketchStyle = [
  casing,
  new Style({ stroke: new Stroke({ color: '#ffffff', width: 2.5 }), fill: new Fill({ color: 'rgba(255,255,255,.1)' }) }),
  vertex,
];

export class Sketching {
  #draw: Draw | null = null;
  readonly #selected = new Collection<Feature>();
  readonly #modify: Modify;

  constructor(
    private readonly map: OlMap,
    private readonly done: (shape: Shape) => void,
    moved: (shape: Shape) => void,
  ) {
    this.#modify = new Modify({ features: this.#selected, style: vertex });
    this.#modify.on('modifyend', ({ features }) => {
      const geometry = features.item(0)?.getGeometry();
      const shape = geometry ? shapeOf(geometry as Drawn) : null;
      if (shape) moved(shape);
    });
    map.addInteraction(this.#modify);
  }

  /** Let the corners of a drawing be dragged; null lets go. */
  select(feature: Feature | null): void {
    this.#selected.clear();
    if (feature) this.#selected.push(feature);
  }

  begin(form: Form): void {
    this.stop();
    const draw = new Draw({ type: TYPES[form], style: sketchStyle });
    draw.on('drawend', ({ feature }) => {
      const shape = shapeOf(feature.getGeometry() as Drawn);
      // After this event has run its course: the interaction is still busy with it.
      setTimeout(() => {
        this.stop();
        mapState.mode = 'look';
        if (shape) this.done(shape);
      });
    });
    this.#draw = draw;
    this.map.addInteraction(draw);
    this.map.getTargetElement()?.focus({ preventScroll: true });
    this.#modify.setActive(false);
  }

  stop(): void {
    if (this.#draw) this.map.removeInteraction(this.#draw);
    this.#draw = null;
    this.#modify.setActive(true);
  }

  /** Enter ends, the space bar sets a corner in the map's middle, Ctrl+Z takes the last one back. */
  key(event: KeyboardEvent): boolean {
    const draw = this.#draw;
    if (!draw) return false;
    const point = mapState.mode === 'plot-point';
    if (event.key === 'Enter' && !point) {
      draw.finishDrawing();
      return true;
    }
    if (event.key === ' ' || (event.key === 'Enter' && point)) {
      const middle = this.map.getView().getCenter();
      if (middle) draw.appendCoordinates([middle]);
      if (point) draw.finishDrawing();
      return true;
    }
    if (event.key === 'z' && (event.ctrlKey || event.metaKey)) {
      draw.removeLastPoint();
      return true;
    }
    return false;
  }
}
