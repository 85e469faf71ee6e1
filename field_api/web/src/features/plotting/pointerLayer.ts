/** “Look here” on the map: a ring that widens and fades every two seconds, and who points. */
import type Feature from 'ol/Feature';
import { Circle as Ring, Fill, Stroke, Style } from 'ol/style';
import type { Pointer } from '$shared/api/records';
import { clock } from '$shared/format';
import { toMap } from '$shared/map/base';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { mapState } from '$shared/map/mapState.svelte';
import { label, pointFeature } from '$shared/map/symbols';
import { pointers } from './pointers.svelte';

const TURN_MS = 2000;
const COLOUR = '#ff8ac9';
const dot = new Ring({ radius: 6, fill: new Fill({ color: COLOUR }), stroke: new Stroke({ color: '#fff', width: 2 }), declutterMode: 'obstacle' });

export const saidOf = ({ author, pointed_ms, text }: Pointer): string =>
  [author, clock(pointed_ms, false), text].filter(Boolean).join(' · ');

export function pointerLayer(): FeatureLayer {
  const layer = vectorLayer(17.6);
  let shown: Feature[] = [];
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;

  const look = (said: string, share: number) => [
    new Style({
      image: new Ring({
        radius: 10 + 26 * share,
        stroke: new Stroke({ color: `rgba(255, 138, 201, ${(1 - 0.85 * share).toFixed(2)})`, width: 4 }),
        declutterMode: 'none',
      }),
    }),
    new Style({ image: dot, text: label(said, 24, '#ffe0f0', true) }),
  ];

  function draw() {
    shown = pointers.fresh.map((each) => {
      const feature = pointFeature(each.id, toMap(each.lon_deg, each.lat_deg), 'pointer');
      feature.set('said', saidOf(each));
      feature.setStyle(look(saidOf(each), 0.5));
      return feature;
    });
    refill(layer, shown);
  }

  return {
    layers: [layer],
    switches: [{ key: 'plot.layer.pointers', layers: [layer] }],
    effects: [draw],
    tick: (nowMs) => {
      if (still) return;
      const share = (nowMs % TURN_MS) / TURN_MS;
      for (const feature of shown) feature.setStyle(look(String(feature.get('said')), share));
    },
    picked: {
      layers: [layer],
      open: (id) => {
        const pointer = pointers.records.get(id);
        if (pointer) mapState.lookAt(pointer, 16);
      },
    },
  };
}
