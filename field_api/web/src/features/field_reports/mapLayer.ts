/** Quick reports that wait, on the map. */
import { clock } from '$shared/format';
import { desk } from '$shared/desk.svelte';
import { language, t } from '$shared/i18n/i18n.svelte';
import { toMap } from '$shared/map/base';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { pointFeature, reportStyle } from '$shared/map/symbols';
import { reports } from './reports.svelte';

export function reportLayer(): FeatureLayer {
  const layer = vectorLayer(16.5);

  function draw() {
    void language.current;
    refill(
      layer,
      reports.waiting.map((report) => {
        const feature = pointFeature(report.id, toMap(report.lon_deg, report.lat_deg), 'field_report');
        const text = `${t(`incident.kind.${report.kind}`)} ${clock(report.seen_ms, false)}`;
        feature.setStyle(reportStyle(text, report.id === reports.selectedId));
        return feature;
      }),
    );
  }

  return {
    layers: [layer],
    switches: [{ key: 'map.layer.reports', layers: [layer] }],
    effects: [draw],
    picked: {
      layers: [layer],
      open: (id) => {
        reports.selectedId = id;
        desk.tab = 'reports';
      },
    },
    extent: () => reports.waiting,
  };
}
