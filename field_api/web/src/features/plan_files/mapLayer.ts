/** What came from files: further search areas, lines and places to fly, and what is only looked at. */
import Feature from 'ol/Feature';
import LineString from 'ol/geom/LineString';
import MultiLineString from 'ol/geom/MultiLineString';
import MultiPoint from 'ol/geom/MultiPoint';
import Point from 'ol/geom/Point';
import Polygon from 'ol/geom/Polygon';
import { Circle as Dot, Fill, Stroke, Style } from 'ol/style';
import type { Pattern } from '$shared/api/records';
import { boundsOf, type LatLon } from '$shared/geodesy';
import { toMap } from '$shared/map/base';
import { casing } from '$shared/map/ink';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { label } from '$shared/map/symbols';
import { workbench } from '../plans/workbench.svelte';
import { shown } from './shown.svelte';
import { placesOf, type Thing } from './uses';
import './texts';

const AREA = [
  casing,
  new Style({ stroke: new Stroke({ color: '#ffffff', width: 2 }), fill: new Fill({ color: 'rgba(255, 255, 255, 0.10)' }) }),
];
const FLOWN = [casing, styleOf('#ffffff', [10, 6])];
const LOOKED_AT = '#9fd0ff';
const KEPT_OUT = '#ff8ac9';

function styleOf(colour: string, lineDash?: number[]): Style {
  return new Style({
    stroke: new Stroke({ color: colour, width: 1.8, ...(lineDash ? { lineDash } : {}) }),
    image: new Dot({ radius: 4, fill: new Fill({ color: colour }), stroke: new Stroke({ color: '#0a1018', width: 1.5 }) }),
  });
}

const spot = (p: LatLon) => toMap(p.lon_deg, p.lat_deg);
const drawn = (geometry: ConstructorParameters<typeof Feature>[0], style: Style | Style[]): Feature => {
  const feature = new Feature(geometry);
  feature.setStyle(style);
  return feature;
};

export function importLayer(): FeatureLayer {
  const search = vectorLayer(11.5);
  const looked = vectorLayer(15.5);
  return {
    layers: [search, looked],
    switches: [{ key: 'files.layer', layers: [looked] }],
    effects: [
      () => refill(search, [...alsoFeatures(), ...(workbench.given && !workbench.plan ? patternFeatures(workbench.given.pattern) : [])]),
      () => refill(looked, shown.things.flatMap(thingFeatures)),
    ],
    extent: () =>
      boundsOf([
        ...workbench.also.flatMap(({ outer }) => outer.map(([lon_deg, lat_deg]) => ({ lat_deg, lon_deg }))),
        ...(workbench.given ? flownPlaces(workbench.given.pattern) : []),
        ...shown.things.flatMap(placesOf),
      ]),
  };
}

const alsoFeatures = (): Feature[] =>
  workbench.also.map(({ outer, holes }) =>
    drawn(new Polygon([outer, ...holes].map((ring) => [...ring, ring[0]!].map(([lon, lat]) => toMap(lon, lat)))), AREA),
  );

const linesOf = (pattern: Pattern): LatLon[][] =>
  pattern?.kind === 'track_line' ? [pattern.path] : pattern?.kind === 'tracks' ? pattern.tracks : [];
const flownPlaces = (pattern: Pattern): LatLon[] =>
  pattern?.kind === 'points' ? pattern.places : linesOf(pattern).flat();

function patternFeatures(pattern: Pattern): Feature[] {
  const lines = linesOf(pattern).map((line) => drawn(new LineString(line.map(spot)), FLOWN));
  return lines.length ? lines : [drawn(new MultiPoint(flownPlaces(pattern).map(spot)), FLOWN)];
}

function thingFeatures(thing: Thing): Feature[] {
  const colour = thing.fence && thing.fence.kind !== 'include' ? KEPT_OUT : LOOKED_AT;
  const style = styleOf(colour);
  const features: Feature[] = [];
  if (thing.rings.length) features.push(drawn(new Polygon(thing.rings.map((ring) => [...ring, ring[0]!].map(spot))), style));
  if (thing.lines.length) features.push(drawn(new MultiLineString(thing.lines.map((line) => line.map(spot))), style));
  for (const place of thing.places) {
    const named = styleOf(colour);
    if (place.name) named.setText(label(place.name, -12, colour));
    features.push(drawn(new Point(spot(place)), named));
  }
  return features;
}
