/** Places that were pointed at in the incident's messages. */
import { desk } from '$shared/desk.svelte';
import { clock } from '$shared/format';
import { toMap } from '$shared/map/base';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { placeStyle, pointFeature } from '$shared/map/symbols';
import { messages } from './messages.svelte';

/** Older ones are in the list; the map would fill with them. */
const SHOWN = 12;

export function messageLayer(): FeatureLayer {
  const layer = vectorLayer(15.5);

  function draw() {
    const pointed = messages.ofIncident
      .filter((each) => each.lat_deg !== null && each.lon_deg !== null)
      .sort((a, b) => b.received_ms - a.received_ms)
      .slice(0, SHOWN);
    refill(
      layer,
      pointed.map((each) => {
        const feature = pointFeature(each.id, toMap(each.lon_deg!, each.lat_deg!), 'message');
        feature.setStyle(placeStyle(`${each.author} ${clock(each.said_ms, false)}`));
        return feature;
      }),
    );
  }

  return {
    layers: [layer],
    switches: [{ key: 'messages.places', layers: [layer] }],
    effects: [draw],
    picked: { layers: [layer], open: () => (desk.tab = 'messages') },
  };
}
