/** Quick reports that wait, on the map. */
import { clock } from '$shared/format';
import { t } from '$shared/i18n/i18n.svelte';
import type { FeatureLayer } from '$shared/map/featureLayer';
import { queueLayer } from '$shared/map/queueLayer';
import { reportStyle } from '$shared/map/symbols';
import { reports } from './reports.svelte';

export const reportLayer = (): FeatureLayer =>
  queueLayer({
    zIndex: 16.5,
    key: 'map.layer.reports',
    kind: 'field_report',
    tab: 'reports',
    waiting: () => reports.waiting,
    chosen: reports,
    told: (report) => `${t(`incident.kind.${report.kind}`)} ${clock(report.seen_ms, false)}`,
    style: reportStyle,
  });
