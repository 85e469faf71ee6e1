/** The incident's drawings on the map, and what draws them. */
import Feature from 'ol/Feature';
import type OlMap from 'ol/Map';
import { desk } from '$shared/desk.svelte';
import { language } from '$shared/i18n/i18n.svelte';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { mapState } from '$shared/map/mapState.svelte';
import { drawings } from './drawings.svelte';
import { isFire } from './kinds';
import { styleOf } from './looks';
import { attempt } from './plotting.svelte';
import { geometryOf } from './shapes';
import { Sketching } from './sketching';

export function drawingLayer(): FeatureLayer {
  const fires = vectorLayer(14.3);
  const others = vectorLayer(14.2);
  let sketching: Sketching | null = null;

  function draw() {
    void language.current;
    const made = new Map<string, Feature>();
    const older = new Set(drawings.lines.flatMap(({ growth }) => (growth ? [growth.from_id] : [])));
    const features = drawings.ofIncident.map((drawing) => {
      const feature = new Feature(geometryOf(drawing.shape));
      feature.setId(drawing.id);
      feature.setStyle(styleOf(drawing, drawing.id === drawings.selectedId, older.has(drawing.id)));
      made.set(drawing.id, feature);
      return [drawing.kind, feature] as const;
    });
    refill(fires, features.flatMap(([kind, feature]) => (isFire(kind) ? [feature] : [])));
    refill(others, features.flatMap(([kind, feature]) => (isFire(kind) ? [] : [feature])));
    const { selected } = drawings;
    sketching?.select(selected && drawings.mayChange(selected) && desk.tab === 'plot' ? (made.get(selected.id) ?? null) : null);
  }

  function attach(map: OlMap): () => void {
    sketching = new Sketching(
      map,
      (shape) => {
        const { sketch } = drawings;
        drawings.sketch = null;
        if (sketch?.kind === 'text') drawings.wordless = shape;
        else if (sketch) void attempt.run(() => drawings.make({ kind: sketch.kind, shape }));
      },
      (shape) => {
        const { selected } = drawings;
        if (selected) void attempt.run(() => drawings.edit(selected, { shape }));
      },
    );
    const keys = (event: KeyboardEvent) => {
      if (!sketching?.key(event)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener('keydown', keys, true);
    return () => {
      window.removeEventListener('keydown', keys, true);
      sketching = null;
    };
  }

  return {
    layers: [others, fires],
    switches: [
      { key: 'plot.layer.fires', layers: [fires] },
      { key: 'plot.layer.others', layers: [others] },
    ],
    effects: [
      draw,
      () => {
        const { sketch } = drawings;
        const wanted = mapState.mode === 'plot' || mapState.mode === 'plot-point';
        if (wanted && sketch) sketching?.begin(sketch.form);
        else sketching?.stop();
      },
    ],
    attach,
    picked: {
      layers: [fires, others],
      open: (id) => {
        drawings.selectedId = id;
        desk.tab = 'plot';
      },
    },
    extent: () => drawings.ofIncident.flatMap(({ shape }) => shape.points),
  };
}
