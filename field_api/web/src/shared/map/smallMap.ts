/** A map in a form or beside a list: the district, with what its owner lays over it. */
import OlMap from 'ol/Map';
import View from 'ol/View';
import ScaleLine from 'ol/control/ScaleLine';
import type BaseLayer from 'ol/layer/Base';
import { expected } from '../api/client';
import { theme } from '../theme.svelte';
import { baseLayers, toMap } from './base';
import { loadMapBase } from './baseData';

/** The ground is laid under it once it is here; `contours` are left out where areas are all that counts. */
export function smallMap(
  target: HTMLElement,
  layer: BaseLayer,
  { zoom = 12, contours = true }: { zoom?: number; contours?: boolean } = {},
): OlMap {
  const made = new OlMap({
    target,
    view: new View({ center: toMap(102.62, 24.942), zoom, enableRotation: false }),
    layers: [layer],
    controls: [new ScaleLine()],
  });
  void loadMapBase().then((base) => {
    const shown = baseLayers(base, theme.current);
    const ground = [shown.relief, shown.water, ...(contours ? [shown.contours] : []), shown.outline, shown.names];
    for (const each of ground) made.addLayer(each);
  }, expected);
  return made;
}
