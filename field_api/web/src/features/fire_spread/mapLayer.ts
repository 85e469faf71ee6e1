/** The model's bands on the map: the chosen minutes filled, the others as thin lines; a legend says it is a model. */
import Feature from 'ol/Feature';
import Polygon from 'ol/geom/Polygon';
import { Fill, Stroke, Style } from 'ol/style';
import type { Spread } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { toMap } from '$shared/map/base';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { fireSpread } from './spread.svelte';

type Band = Spread['bands'][number];

/** Violet: no colour of a warning level. The surer, the denser. */
export const BAND_LOOKS: Record<number, { fill: string; line: string; dash: number[] | undefined }> = {
  10: { fill: 'rgba(190, 150, 255, 0.13)', line: '#c9a9ff', dash: [3, 6] },
  50: { fill: 'rgba(190, 150, 255, 0.22)', line: '#d9c2ff', dash: [10, 5] },
  90: { fill: 'rgba(190, 150, 255, 0.32)', line: '#f0e6ff', dash: undefined },
};

function featuresOf(band: Band, chosen: boolean): Feature[] {
  const look = BAND_LOOKS[band.percent]!;
  return band.outlines.map((rings) => {
    const feature = new Feature(new Polygon(rings.map((ring) => [...ring, ring[0]!].map((p) => toMap(p.lon_deg, p.lat_deg)))));
    feature.setStyle(
      new Style({
        stroke: new Stroke({ color: look.line, width: chosen ? 2 : 1, lineDash: look.dash }),
        ...(chosen ? { fill: new Fill({ color: look.fill }) } : {}),
      }),
    );
    return feature;
  });
}

export function spreadLayer(): FeatureLayer {
  const layer = vectorLayer(9.6);

  function draw() {
    const { shown, minutes, onMap } = fireSpread;
    const found = onMap && shown?.incident_id === desk.incidentId ? shown : null;
    // Of other minutes only the middle band: more lines than that say nothing.
    const bands = (found?.bands ?? []).filter((band) => band.minutes === minutes || band.percent === 50);
    refill(layer, bands.flatMap((band) => featuresOf(band, band.minutes === minutes)));
  }

  return { layers: [layer], switches: [{ key: 'spread.layer', layers: [layer] }], effects: [draw] };
}
