/** What of a desk's queue waits, where it is: a click opens it in its tab. */
import type Style from 'ol/style/Style';
import { desk, type RightTab } from '../desk.svelte';
import type { LatLon } from '../geodesy';
import { language, type MessageKey } from '../i18n/i18n.svelte';
import { toMap } from './base';
import { refill, vectorLayer, type FeatureLayer } from './featureLayer';
import { pointFeature } from './symbols';

export function queueLayer<T extends LatLon & { id: string }>(queue: {
  zIndex: number;
  /** Name of its switch. */
  key: MessageKey;
  kind: string;
  tab: RightTab;
  waiting: () => T[];
  /** Where the chosen entry is kept. */
  chosen: { selectedId: string | null };
  told: (entry: T) => string;
  style: (text: string, selected: boolean) => Style;
}): FeatureLayer {
  const layer = vectorLayer(queue.zIndex);

  function draw() {
    void language.current;
    refill(
      layer,
      queue.waiting().map((entry) => {
        const feature = pointFeature(entry.id, toMap(entry.lon_deg, entry.lat_deg), queue.kind);
        feature.setStyle(queue.style(queue.told(entry), entry.id === queue.chosen.selectedId));
        return feature;
      }),
    );
  }

  return {
    layers: [layer],
    switches: [{ key: queue.key, layers: [layer] }],
    effects: [draw],
    picked: {
      layers: [layer],
      open: (id) => {
        queue.chosen.selectedId = id;
        desk.tab = queue.tab;
      },
    },
    extent: queue.waiting,
  };
}
