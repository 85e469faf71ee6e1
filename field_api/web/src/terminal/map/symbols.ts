/** What stands on the handheld's map; read in sunlight, told apart by shape and by name. */
import Feature from 'ol/Feature';
import Circle from 'ol/geom/Circle';
import Point from 'ol/geom/Point';
import Polygon from 'ol/geom/Polygon';
import { Circle as Dot, Fill, RegularShape, Stroke, Style, Text } from 'ol/style';
import type { LatLon } from '$shared/geodesy';
import { FONT, toMap } from '$shared/map/base';
import type { Fix } from '../position.svelte';
import type { DangerZone, Outline, Zone } from './zones';

const WHITE = new Stroke({ color: '#fff', width: 3 });

const name = (text: string, offsetY: number): Text =>
  new Text({
    text,
    offsetY,
    font: `600 14px ${FONT}`,
    fill: new Fill({ color: '#0c1a1a' }),
    stroke: new Stroke({ color: 'rgba(255, 255, 255, 0.92)', width: 4 }),
  });

function mark(id: string, at: LatLon, style: Style): Feature {
  const feature = new Feature(new Point(toMap(at.lon_deg, at.lat_deg)));
  feature.setId(id);
  feature.setStyle(style);
  return feature;
}

/** Diamond: where one is sent. */
export const taskMark = (id: string, at: LatLon, title: string): Feature =>
  mark(id, at, new Style({
    image: new RegularShape({ points: 4, radius: 14, angle: 0, fill: new Fill({ color: '#8a0f55' }), stroke: WHITE }),
    text: name(title, 24),
    zIndex: 3,
  }));

/** Cross: what one points at. */
export const pointedMark = (at: LatLon): Feature =>
  mark('pointed', at, new Style({
    image: new RegularShape({ points: 4, radius: 20, radius2: 7, angle: 0, fill: new Fill({ color: '#8a0f55' }), stroke: WHITE }),
    zIndex: 9,
  }));

/** Triangle: an open incident. */
export const incidentMark = (id: string, at: LatLon, title: string): Feature =>
  mark(id, at, new Style({
    image: new RegularShape({ points: 3, radius: 14, fill: new Fill({ color: '#b3151b' }), stroke: WHITE }),
    text: name(title, 24),
    zIndex: 2,
  }));

/** Square: an enterprise. */
export const enterpriseMark = (id: string, at: LatLon, title: string): Feature =>
  mark(id, at, new Style({
    image: new RegularShape({ points: 4, radius: 11, angle: Math.PI / 4, fill: new Fill({ color: '#0a4f56' }), stroke: WHITE }),
    text: name(title, 22),
    zIndex: 1,
  }));

/** Web Mercator stretches distances by the secant of the latitude. */
const stretched = (metres: number, lat_deg: number): number => metres / Math.cos((lat_deg * Math.PI) / 180);

/** Dot: oneself, in a circle as wide as the position is uncertain. */
export function selfMarks(fix: Fix): Feature[] {
  const at = toMap(fix.lon_deg, fix.lat_deg);
  const dot = new Feature(new Point(at));
  dot.setStyle(new Style({ image: new Dot({ radius: 10, fill: new Fill({ color: '#155c3b' }), stroke: WHITE }), zIndex: 5 }));
  if (!fix.accuracy_m) return [dot];
  const circle = new Feature(new Circle(at, stretched(fix.accuracy_m, fix.lat_deg)));
  circle.setStyle(new Style({ fill: new Fill({ color: 'rgba(21, 92, 59, 0.14)' }), stroke: new Stroke({ color: '#155c3b', width: 1.5 }) }));
  return [circle, dot];
}

const ZONE_LOOKS = {
  exclude: { colour: '#8a0f55', dash: [4, 4], fill: 'rgba(138, 15, 85, 0.14)' },
  controlled: { colour: '#6b4e00', dash: [4, 4], fill: 'rgba(107, 78, 0, 0.12)' },
  include: { colour: '#0a4f56', dash: [12, 6], fill: 'rgba(0, 0, 0, 0)' },
} as const;

const areaOf = ({ polygon = [], centre, radius_m }: Outline): Circle | Polygon =>
  centre && radius_m
    ? new Circle(toMap(centre.lon_deg, centre.lat_deg), stretched(radius_m, centre.lat_deg))
    : new Polygon([polygon.map(({ lon_deg, lat_deg }) => toMap(lon_deg, lat_deg))]);

export function zoneMark({ fence }: Zone, title: string): Feature {
  const feature = new Feature(areaOf(fence));
  const { colour, dash, fill } = ZONE_LOOKS[fence.kind];
  feature.setStyle(new Style({
    stroke: new Stroke({ color: colour, width: 2.5, lineDash: [...dash] }),
    fill: new Fill({ color: fill }),
    ...(fence.kind === 'include' ? {} : { text: name(title, 0) }),
  }));
  return feature;
}

/** A danger to people: the red of areas in GB/T 35649, filled; broken while it has not begun. */
/** The target of a warning in force, in the colour of its level; a dark rim holds it on light ground. */
export function warningMark(shape: Outline, title: string, colour: string): Feature {
  const feature = new Feature(areaOf(shape));
  const [west, , east, north] = feature.getGeometry()!.getExtent() as [number, number, number, number];
  feature.setStyle([
    new Style({ stroke: new Stroke({ color: '#22303a', width: 5 }), fill: new Fill({ color: `${colour}1f` }) }),
    new Style({ stroke: new Stroke({ color: colour, width: 2.5 }) }),
    new Style({ geometry: new Point([(west + east) / 2, north]), text: name(title, -14), zIndex: 2 }),
  ]);
  return feature;
}

export function dangerMark({ outline }: DangerZone, title: string, current: boolean): Feature {
  const feature = new Feature(areaOf(outline));
  const area = new Style({
    stroke: new Stroke({ color: '#d40000', width: 3.5, ...(current ? {} : { lineDash: [10, 8] }) }),
    fill: new Fill({ color: current ? 'rgba(255, 0, 0, 0.22)' : 'rgba(255, 0, 0, 0.06)' }),
    zIndex: 1,
  });
  // Its name stands at its northern edge: who is in it stands in the middle.
  const [west, , east, north] = feature.getGeometry()!.getExtent() as [number, number, number, number];
  const named = new Style({ geometry: new Point([(west + east) / 2, north]), text: name(title, -14), zIndex: 2 });
  feature.setStyle([area, named]);
  return feature;
}
