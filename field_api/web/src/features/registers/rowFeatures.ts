/** Entries of a register as map symbols: a dot for a place, an outline for an area. */
import Feature from 'ol/Feature';
import Point from 'ol/geom/Point';
import Polygon from 'ol/geom/Polygon';
import { Circle, Fill, Stroke, Style } from 'ol/style';
import { toMap } from '$shared/map/base';
import { label } from '$shared/map/symbols';
import type { RegisterSchema, Row } from './api';
import { cell, placesOf } from './values';

const dot = new Circle({
  radius: 5,
  fill: new Fill({ color: '#45d2d8' }),
  stroke: new Stroke({ color: '#071018', width: 1.5 }),
});
const outline = { stroke: new Stroke({ color: '#45d2d8', width: 1.6 }), fill: new Fill({ color: 'rgba(69,210,216,.12)' }) };

export function rowFeatures(schema: RegisterSchema, rows: Row[]): Feature[] {
  const named = schema.columns.find(({ kind }) => kind === 'text');
  return rows.flatMap((row) =>
    schema.columns.flatMap((column) => {
      if (column.kind !== 'point' && column.kind !== 'area') return [];
      const spots = placesOf(row[column.name]).map((p) => toMap(p.lon_deg, p.lat_deg));
      if (!spots.length) return [];
      const feature = new Feature(spots.length > 2 ? new Polygon([[...spots, spots[0]!]]) : new Point(spots[0]!));
      feature.setId(`${schema.name} ${row.id} ${column.name}`);
      feature.set('row', row.id);
      const text = named ? label(cell(named, row[named.name]), spots.length > 2 ? 0 : -14, '#d9fbfc') : undefined;
      feature.setStyle(spots.length > 2 ? new Style({ ...outline, text }) : new Style({ image: dot, text }));
      return [feature];
    }),
  );
}
