/** Areas on the ground: polygons and circles between their stored form and the map. */
import Feature, { type FeatureLike } from 'ol/Feature';
import Circle from 'ol/geom/Circle';
import type Geometry from 'ol/geom/Geometry';
import Point from 'ol/geom/Point';
import Polygon from 'ol/geom/Polygon';
import { Fill, Stroke, Style } from 'ol/style';
import { fromMap, toMap } from '$shared/map/base';
import { label } from '$shared/map/symbols';

export interface Corner {
  lat_deg: number;
  lon_deg: number;
}

/** A ring without its closing point, or a circle. */
export interface Outline {
  polygon?: Corner[];
  centre?: Corner | null;
  radius_m?: number | null;
}

export const isOutline = (value: unknown): value is Outline =>
  typeof value === 'object' && value !== null && ('polygon' in value || 'centre' in value);

/** Web Mercator stretches distances by the secant of the latitude. */
const stretch = (lat_deg: number): number => 1 / Math.cos((lat_deg * Math.PI) / 180);
/** A centimetre: more would only look exact. */
const DIGITS = 7;
const corner = (at: number[]): Corner => {
  const { lat_deg, lon_deg } = fromMap(at);
  return { lat_deg: Number(lat_deg.toFixed(DIGITS)), lon_deg: Number(lon_deg.toFixed(DIGITS)) };
};

export function geometryOf({ polygon = [], centre, radius_m }: Outline): Polygon | Circle {
  if (centre && radius_m) return new Circle(toMap(centre.lon_deg, centre.lat_deg), radius_m * stretch(centre.lat_deg));
  const ring = polygon.map(({ lat_deg, lon_deg }) => toMap(lon_deg, lat_deg));
  return new Polygon([[...ring, ring[0]!]]);
}

export function outlineOf(geometry: Geometry): Outline | null {
  if (geometry instanceof Circle) {
    const centre = corner(geometry.getCenter());
    return { centre, radius_m: Math.round(geometry.getRadius() / stretch(centre.lat_deg)) };
  }
  if (!(geometry instanceof Polygon)) return null;
  return { polygon: geometry.getCoordinates()[0]!.slice(0, -1).map(corner) };
}

/** Where an area ends in the north: its name stands there, what happens in it below. */
function northOf(feature: FeatureLike): Point {
  const [west, , east, north] = feature.getGeometry()!.getExtent() as [number, number, number, number];
  return new Point([(west + east) / 2, north]);
}

/** A danger to people, in the red of areas of GB/T 35649; broken while it has not begun. */
export const dangerStyle = (text: string, current = true): Style[] => [
  new Style({
    stroke: new Stroke({ color: '#ff3b3b', width: 2.5, ...(current ? {} : { lineDash: [10, 8] }) }),
    fill: new Fill({ color: current ? 'rgba(255, 0, 0, 0.2)' : 'rgba(255, 0, 0, 0.06)' }),
  }),
  new Style({ geometry: northOf, text: label(text, text.includes('\n') ? -20 : -12, '#ffd7d7', true) }),
];

export function outlineFeature(id: string, outline: Outline, style: Style[]): Feature {
  const feature = new Feature<Geometry>(geometryOf(outline));
  feature.setId(id);
  feature.setStyle(style);
  return feature;
}
