/** A plan on the map: its lanes and failed checks, what was seen and what is left, the likelihood. */
import Feature from 'ol/Feature';
import LineString from 'ol/geom/LineString';
import Point from 'ol/geom/Point';
import Polygon from 'ol/geom/Polygon';
import ImageLayer from 'ol/layer/Image';
import ImageStatic from 'ol/source/ImageStatic';
import { Fill, Stroke, Style } from 'ol/style';
import type { Coverage, Plan } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import type { LatLon } from '$shared/geodesy';
import { pick } from '$shared/i18n/i18n.svelte';
import { toMap } from '$shared/map/base';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { label } from '$shared/map/symbols';
import { roster } from '../roster/roster.svelte';
import { workbench } from './workbench.svelte';

export function planLayer(): FeatureLayer {
  const likelihood = new ImageLayer({ zIndex: 9, visible: false, opacity: 0.85 });
  const coverage = vectorLayer(10.5);
  const lanes = vectorLayer(11);

  function drawLikelihood() {
    const found = workbench.likelihood?.incident_id === desk.incidentId ? workbench.likelihood : null;
    likelihood.setVisible(desk.tab === 'search' && found !== null);
    if (!found) return;
    const [west, south] = toMap(found.west_deg, found.south_deg) as [number, number];
    const [east, north] = toMap(found.east_deg, found.north_deg) as [number, number];
    const imageExtent = [west, south, east, north];
    likelihood.setSource(new ImageStatic({ url: found.image_url, imageExtent }));
  }

  return {
    layers: [likelihood, coverage, lanes],
    switches: [{ key: 'map.layer.lanes', layers: [lanes] }],
    effects: [
      () => refill(lanes, workbench.plan ? planFeatures(workbench.plan) : []),
      () => {
        const found = workbench.coverage?.plan_id === workbench.planId ? workbench.coverage : null;
        refill(coverage, found ? coverageFeatures(found) : []);
      },
      drawLikelihood,
    ],
    extent: () => (workbench.area ?? []).map(([lon_deg, lat_deg]) => ({ lat_deg, lon_deg })),
  };
}

function planFeatures(plan: Plan): Feature[] {
  const features: Feature[] = [];
  for (const sortie of plan.plan.sorties) {
    const points = sortie.waypoints.map((w) => toMap(w.lon_deg, w.lat_deg));
    const track = new Feature(new LineString(points));
    track.setStyle([
      new Style({ stroke: new Stroke({ color: 'rgba(6,10,16,.75)', width: 4 }) }),
      new Style({
        stroke: new Stroke({
          color: roster.colourOf(sortie.vehicle_id),
          width: 1.8,
          lineDash: sortie.order === 0 ? undefined : [8, 6],
        }),
      }),
    ]);
    features.push(track);
  }
  for (const check of plan.plan.checks) {
    if (check.passed || !check.at) continue;
    const spot = new Feature(new Point(toMap(check.at.lon_deg, check.at.lat_deg)));
    const refused = check.severity === 'block';
    const words = pick(check.text_zh, check.text_en);
    const text = label(`${refused ? '✕' : '▲'} ${words}`, 0, refused ? '#ff8ac9' : '#e9d3b0', true);
    spot.setStyle(new Style({ text }));
    features.push(spot);
  }
  return features;
}

/** What was seen, and hatched by colour what is still to be flown. */
function coverageFeatures(coverage: Coverage): Feature[] {
  const shape = (ring: LatLon[]) =>
    new Polygon([[...ring, ring[0]!].map((p) => toMap(p.lon_deg, p.lat_deg))]);
  const seen = coverage.seen_outlines.map((ring) => {
    const feature = new Feature(shape(ring));
    feature.setStyle(new Style({ stroke: new Stroke({ color: 'rgba(86,214,201,.9)', width: 1.6 }) }));
    return feature;
  });
  const gaps = (coverage.sample_count ? coverage.gaps : []).map((gap) => {
    const feature = new Feature(shape(gap.outline));
    feature.setStyle(
      new Style({
        fill: new Fill({ color: 'rgba(214,92,235,.2)' }),
        stroke: new Stroke({ color: '#d65ceb', width: 1.6, lineDash: [5, 5] }),
      }),
    );
    return feature;
  });
  return [...seen, ...gaps];
}
