/** Places that somebody in the field asks to see, on the map. */
import { clock } from '$shared/format';
import { t } from '$shared/i18n/i18n.svelte';
import type { FeatureLayer } from '$shared/map/featureLayer';
import { queueLayer } from '$shared/map/queueLayer';
import { viewRequestStyle } from '$shared/map/symbols';
import { viewRequests } from './requests.svelte';

export const viewRequestLayer = (): FeatureLayer =>
  queueLayer({
    zIndex: 16.6,
    key: 'map.layer.views',
    kind: 'view_request',
    tab: 'views',
    waiting: () => viewRequests.open,
    chosen: viewRequests,
    told: (request) => `${t(`views.purpose.${request.purpose}`)} ${clock(request.asked_ms, false)}`,
    style: viewRequestStyle,
  });
