/** Target areas of the warnings in force, on the desk's map: in the colour that the law gives them. */
import type { FeatureLike } from 'ol/Feature';
import Point from 'ol/geom/Point';
import { Fill, Stroke, Style } from 'ol/style';
import { language, t } from '$shared/i18n/i18n.svelte';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { label } from '$shared/map/symbols';
import { router } from '$shared/router/console';
import { colourOf, shapeOf, type Level } from '$shared/warnings/levels';
import { outlineFeature } from '../registers/outlines';
import { chosen } from './chosen.svelte';
import { warnings } from './warnings.svelte';

function northOf(feature: FeatureLike): Point {
  const [west, , east, north] = feature.getGeometry()!.getExtent() as [number, number, number, number];
  return new Point([(west + east) / 2, north]);
}

/** A wide area under everything else: a coloured rim and hardly a fill. A drill's rim is broken. */
export const targetStyle = (text: string, level: Level | null, drill = false): Style[] => {
  const colour = colourOf(level);
  return [
    new Style({ stroke: new Stroke({ color: 'rgba(6, 10, 16, 0.8)', width: 5 }) }),
    new Style({
      stroke: new Stroke({ color: colour, width: 2.5, ...(drill ? { lineDash: [12, 8] } : {}) }),
      fill: new Fill({ color: `${colour}14` }),
    }),
    new Style({ geometry: northOf, text: label(text, -12, colour, true) }),
  ];
};

export function warningLayer(): FeatureLayer {
  const layer = vectorLayer(11);
  const draw = () => {
    void language.current;
    refill(
      layer,
      warnings.inForce.flatMap(({ id, event, level, drill, shapes }) =>
        shapes
          .filter(({ polygon, centre }) => (polygon?.length ?? 0) > 2 || centre)
          .map((shape, at) => {
            const text = `${shapeOf(level)} ${t(`warning.level.${level ?? 'none'}`)} ${event}${drill ? ` · ${t('warning.drill')}` : ''}`;
            return outlineFeature(`${id} ${at}`, shape, targetStyle(text, level, drill));
          }),
      ),
    );
  };
  return {
    layers: [layer],
    switches: [{ key: 'map.layer.warnings', layers: [layer] }],
    effects: [draw],
    picked: {
      layers: [layer],
      open: (id) => {
        chosen.id = id.split(' ')[0]!;
        router.go(router.href('warnings'));
      },
    },
  };
}
