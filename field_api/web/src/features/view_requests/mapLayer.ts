/** Places that somebody in the field asks to see, on the map. */
import { desk } from '$shared/desk.svelte';
import { clock } from '$shared/format';
import { language, t } from '$shared/i18n/i18n.svelte';
import { toMap } from '$shared/map/base';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { pointFeature, viewRequestStyle } from '$shared/map/symbols';
import { viewRequests } from './requests.svelte';

export function viewRequestLayer(): FeatureLayer {
  const layer = vectorLayer(16.6);

  function draw() {
    void language.current;
    refill(
      layer,
      viewRequests.open.map((request) => {
        const feature = pointFeature(request.id, toMap(request.lon_deg, request.lat_deg), 'view_request');
        const text = `${t(`views.purpose.${request.purpose}`)} ${clock(request.asked_ms, false)}`;
        feature.setStyle(viewRequestStyle(text, request.id === viewRequests.selectedId));
        return feature;
      }),
    );
  }

  return {
    layers: [layer],
    switches: [{ key: 'map.layer.views', layers: [layer] }],
    effects: [draw],
    picked: {
      layers: [layer],
      open: (id) => {
        viewRequests.selectedId = id;
        desk.tab = 'views';
      },
    },
    extent: () => viewRequests.open,
  };
}
