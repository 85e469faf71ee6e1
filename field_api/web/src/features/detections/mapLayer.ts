/** Leads from the air on the map: marks, the error ellipse of the one selected, bearings. */
import Feature from 'ol/Feature';
import LineString from 'ol/geom/LineString';
import Polygon from 'ol/geom/Polygon';
import { Fill, Stroke, Style } from 'ol/style';
import type { Detection } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { destination, type LatLon } from '$shared/geodesy';
import { language, named, t } from '$shared/i18n/i18n.svelte';
import { toMap } from '$shared/map/base';
import { casing } from '$shared/map/ink';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { detectionStyle, label, pointFeature } from '$shared/map/symbols';
import { replay } from '../flights/replay.svelte';
import { asOf } from './asOf';
import { detections } from './detections.svelte';
import { masks } from './masks.svelte';

export function detectionLayer(): FeatureLayer {
  const findings = vectorLayer(13);
  const marks = vectorLayer(17);

  function draw() {
    void language.current;
    const spots: Feature[] = [];
    const shapes: Feature[] = [];
    // The map shows the moment that is looked back at; the list of alerts stays live.
    const all = detections.records.all;
    const shown = replay.open ? asOf(all.filter((each) => each.incident_id === desk.incidentId), replay.t_ms) : all;
    for (const detection of shown) {
      if (detection.status === 'rejected' || detection.duplicate_of) continue;
      const confirmed = detection.status === 'confirmed';
      const selected = detection.id === detections.selectedId;
      if (detection.position) {
        const { lat_deg, lon_deg } = detection.position;
        const mark = pointFeature(detection.id, toMap(lon_deg, lat_deg), 'detection');
        const sure = detection.placed ? t('alerts.placed-mark', { metres: Math.round(detection.placed.error_m) }) : `${Math.round(detection.confidence * 100)} %`;
        const text = `${named('label', detection.label)} ${sure}`;
        mark.setStyle(detectionStyle(detection.label, confirmed, selected, text));
        spots.push(mark);
        if (detection.placed) shapes.push(dotted(detection.position, detection.placed.error_m, '#ff8ac9'));
        // How it lies to what the camera saw.
        if (detection.placed && selected && detection.pose && detection.bearing_deg != null) shapes.push(bearingFeature(detection, detection.pose, detection.bearing_deg));
        if (detection.error_ellipse && selected) shapes.push(ellipseFeature(detection));
      } else if (detection.bearing_deg != null && detection.pose) {
        shapes.push(bearingFeature(detection, detection.pose, detection.bearing_deg));
      }
    }
    for (const mask of masks.active) {
      if (mask.lat_deg === null || mask.lon_deg === null || mask.radius_m === null) continue;
      shapes.push(maskFeature({ lat_deg: mask.lat_deg, lon_deg: mask.lon_deg }, mask.radius_m));
    }
    refill(marks, spots);
    refill(findings, shapes);
  }

  return {
    layers: [findings, marks],
    switches: [{ key: 'map.layer.detections', layers: [marks, findings] }],
    effects: [draw],
    picked: {
      layers: [marks],
      open: (id) => {
        detections.selectedId = id;
        desk.reviewId = id;
      },
    },
    extent: () => detections.open.flatMap((detection) => detection.position ?? []),
  };
}

/** The 95 % ellipse (2.45 sigma) of a detection's position. */
function ellipseRing(detection: Detection): [number, number][] {
  const ellipse = detection.error_ellipse!;
  const ring: [number, number][] = [];
  for (let i = 0; i < 48; i += 1) {
    const a = (i / 48) * 2 * Math.PI;
    const along = 2.4477 * ellipse.semi_major_m * Math.cos(a);
    const across = 2.4477 * ellipse.semi_minor_m * Math.sin(a);
    const bearing = ellipse.orientation_deg + (Math.atan2(across, along) * 180) / Math.PI;
    const p = destination(detection.position!, bearing, Math.hypot(along, across));
    ring.push([p.lon_deg, p.lat_deg]);
  }
  return ring;
}

function ellipseFeature(detection: Detection): Feature {
  const ring = ellipseRing(detection).map(([lon, lat]) => toMap(lon, lat));
  const feature = new Feature(new Polygon([ring]));
  feature.setStyle([
    casing,
    new Style({
      stroke: new Stroke({ color: '#ffffff', width: 1.5, lineDash: [6, 4] }),
      fill: new Fill({ color: 'rgba(255, 138, 201, 0.14)' }),
    }),
  ]);
  return feature;
}

/** Where alerts are silenced: a hollow, dotted circle. */
const maskFeature = (centre: LatLon, radius_m: number): Feature => dotted(centre, radius_m, '#9fb3c8');

function dotted(centre: LatLon, radius_m: number, color: string): Feature {
  const ring = Array.from({ length: 48 }, (_, i) => {
    const { lat_deg, lon_deg } = destination(centre, (i / 48) * 360, radius_m);
    return toMap(lon_deg, lat_deg);
  });
  const feature = new Feature(new Polygon([ring]));
  feature.setStyle(new Style({ stroke: new Stroke({ color, width: 1.5, lineDash: [2, 5] }) }));
  return feature;
}

const BEARING_LENGTH_M = 4000;

function bearingFeature(detection: Detection, from: LatLon, bearing_deg: number): Feature {
  const to = destination(from, bearing_deg, BEARING_LENGTH_M);
  const line = [toMap(from.lon_deg, from.lat_deg), toMap(to.lon_deg, to.lat_deg)];
  const feature = new Feature(new LineString(line));
  feature.setId(detection.id);
  feature.set('kind', 'detection');
  const text = `${named('label', detection.label)} ${Math.round(detection.confidence * 100)} %`;
  feature.setStyle(
    new Style({
      stroke: new Stroke({ color: '#ff8ac9', width: 2, lineDash: [10, 6] }),
      text: label(text, 0, '#ffd3ea'),
    }),
  );
  return feature;
}
