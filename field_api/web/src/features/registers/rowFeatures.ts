/** Entries of a register as map symbols. */
import Feature from 'ol/Feature';
import Point from 'ol/geom/Point';
import { Circle, Fill, Stroke, Style } from 'ol/style';
import { toMap } from '$shared/map/base';
import { label } from '$shared/map/symbols';
import type { RegisterSchema, Row } from './api';
import { dangerStyle, isOutline, outlineFeature } from './outlines';
import { cell, isPlace } from './values';

const dot = new Circle({
  radius: 5,
  fill: new Fill({ color: '#45d2d8' }),
  stroke: new Stroke({ color: '#071018', width: 1.5 }),
});
export function rowFeatures(schema: RegisterSchema, rows: Row[]): Feature[] {
  const named = schema.columns.find(({ kind }) => kind === 'text');
  const placed = schema.columns.filter(({ kind }) => kind === 'point');
  const outlined = schema.columns.filter(({ kind }) => kind === 'outline');
  const areas = rows.flatMap((row) =>
    outlined.flatMap((column) => {
      const outline = row[column.name];
      if (!isOutline(outline)) return [];
      const feature = outlineFeature(`${schema.name} ${row.id} ${column.name}`, outline, dangerStyle(named ? cell(named, row[named.name]) : ''));
      feature.set('row', row.id);
      return [feature];
    }),
  );
  const points = rows.flatMap((row) =>
    placed.flatMap((column) => {
      const place = row[column.name];
      if (!isPlace(place)) return [];
      const feature = new Feature(new Point(toMap(place.lon_deg, place.lat_deg)));
      feature.setId(`${schema.name} ${row.id} ${column.name}`);
      feature.set('row', row.id);
      const text = named ? label(cell(named, row[named.name]), -14, '#d9fbfc') : undefined;
      feature.setStyle(new Style({ image: dot, text }));
      return [feature];
    }),
  );
  return [...areas, ...points];
}
