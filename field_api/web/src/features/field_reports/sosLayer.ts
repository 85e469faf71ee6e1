/** Who calls for help, on the map: where the handheld is now. */
import { language, t } from '$shared/i18n/i18n.svelte';
import { toMap } from '$shared/map/base';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { pointFeature, sosStyle } from '$shared/map/symbols';
import { personOf } from './people';
import { calls } from './sos.svelte';

export function sosLayer(): FeatureLayer {
  const layer = vectorLayer(18);

  function draw() {
    void language.current;
    refill(
      layer,
      calls.open.flatMap((call) => {
        const place = calls.placeOf(call);
        if (!place) return [];
        const feature = pointFeature(call.id, toMap(place.lon_deg, place.lat_deg), 'sos');
        feature.setStyle(sosStyle(`${t('sos.alarm')} ${personOf(call.terminal_id, call.raised_by).name}`));
        return [feature];
      }),
    );
  }

  return {
    layers: [layer],
    switches: [],
    effects: [draw],
    extent: () => calls.open.flatMap((call) => calls.placeOf(call) ?? []),
  };
}
