/** Between the command post's shapes and the map's geometries. */
import LineString from 'ol/geom/LineString';
import Point from 'ol/geom/Point';
import Polygon from 'ol/geom/Polygon';
import type { LatLon } from '$shared/geodesy';
import { fromMap, toMap } from '$shared/map/base';
import type { Shape } from './kinds';

/** Centimetres: finer than anybody draws. */
const rounded = ({ lat_deg, lon_deg }: LatLon): LatLon => ({
  lat_deg: Number(lat_deg.toFixed(7)),
  lon_deg: Number(lon_deg.toFixed(7)),
});
const places = (coordinates: number[][]): LatLon[] => coordinates.map((each) => rounded(fromMap(each)));
const ring = (points: readonly LatLon[]): number[][] => [...points, points[0]!].map((p) => toMap(p.lon_deg, p.lat_deg));

export type Drawn = Point | LineString | Polygon;

export function geometryOf({ form, points, holes = [] }: Shape): Drawn {
  if (form === 'point') return new Point(toMap(points[0]!.lon_deg, points[0]!.lat_deg));
  if (form === 'line') return new LineString(points.map((p) => toMap(p.lon_deg, p.lat_deg)));
  return new Polygon([ring(points), ...holes.map(ring)]);
}

/** Null of what has too few corners to be one. */
export function shapeOf(geometry: Drawn): Shape | null {
  if (geometry instanceof Point) return { form: 'point', points: places([geometry.getCoordinates()]), holes: [] };
  if (geometry instanceof LineString) {
    const points = places(geometry.getCoordinates());
    return points.length < 2 ? null : { form: 'line', points, holes: [] };
  }
  const [outer = [], ...inner] = geometry.getCoordinates().map((each) => places(each.slice(0, -1)));
  return outer.length < 3 ? null : { form: 'area', points: outer, holes: inner };
}

/** The middle of what a shape covers, to look at it. */
export function middleOf({ points }: Pick<Shape, 'points'>): LatLon {
  const lats = points.map((p) => p.lat_deg);
  const lons = points.map((p) => p.lon_deg);
  return {
    lat_deg: (Math.min(...lats) + Math.max(...lats)) / 2,
    lon_deg: (Math.min(...lons) + Math.max(...lons)) / 2,
  };
}
