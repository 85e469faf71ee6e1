/** Fences, key places and handhelds on the map. */
import Feature from 'ol/Feature';
import Circle from 'ol/geom/Circle';
import Point from 'ol/geom/Point';
import Polygon from 'ol/geom/Polygon';
import { Fill, Stroke, Style, Text } from 'ol/style';
import type { Fence } from '$shared/api/records';
import { clock } from '$shared/format';
import { language, pick, t } from '$shared/i18n/i18n.svelte';
import { toMap } from '$shared/map/base';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { label, placeStyle, pointFeature, terminalStyle } from '$shared/map/symbols';
import { roster } from './roster.svelte';

/** A handheld reports every 10 s; after a minute its place is only where it was. */
const FRESH_MS = 60_000;

/** `busyTerminals` says which handhelds have a task; tasks are another feature's. */
export function rosterLayer(busyTerminals: () => Set<string>): FeatureLayer {
  const fences = vectorLayer(10);
  const places = vectorLayer(14);
  const terminals = vectorLayer(15);

  function drawRoster() {
    void language.current; // names change with the language
    refill(fences, (roster.current?.fences ?? []).map(fenceFeature));
    refill(
      places,
      roster.points.map((point) => {
        const feature = pointFeature(point.id, toMap(point.lon_deg, point.lat_deg), 'place');
        feature.setStyle(placeStyle(pick(point.name_zh, point.name_en)));
        return feature;
      }),
    );
  }

  /** Moved in place: 300 handhelds at 1 Hz must not mean 300 new features a second. */
  function moveTerminals(nowMs: number) {
    const busy = busyTerminals();
    const teams = new Map(roster.current?.terminals.map((x) => [x.terminal_id, x.team_id]));
    const source = terminals.getSource()!;
    for (const position of roster.positions.values()) {
      const id = position.terminal_id;
      const at = toMap(position.lon_deg, position.lat_deg);
      let feature = source.getFeatureById(id) as Feature<Point> | null;
      if (!feature) {
        feature = pointFeature(id, at, 'terminal');
        source.addFeature(feature);
      }
      const fresh = nowMs - position.t_ms < FRESH_MS;
      const name = [id, teams.get(id)].filter(Boolean).join(' · ');
      const text = fresh ? name : `${name} ${clock(position.t_ms, false)}`;
      const look = `${text}|${fresh}|${busy.has(id)}`;
      if (feature.get('look') !== look) {
        feature.set('look', look, true);
        feature.setStyle(terminalStyle(text, fresh, busy.has(id)));
      }
      const [x, y] = feature.getGeometry()!.getCoordinates();
      if (x !== at[0] || y !== at[1]) feature.getGeometry()!.setCoordinates(at);
    }
  }

  return {
    layers: [fences, places, terminals],
    switches: [
      { key: 'map.layer.places', layers: [places] },
      { key: 'map.layer.fences', layers: [fences] },
      { key: 'map.layer.terminals', layers: [terminals] },
    ],
    effects: [drawRoster],
    tick: (nowMs, ticks) => {
      if (ticks % 5 === 1) moveTerminals(nowMs);
    },
  };
}

const FENCE_COLOURS: Record<Fence['kind'], string> = {
  include: '#8fb7c9',
  exclude: '#ff8ac9',
  controlled: '#e9d3b0',
};

function fenceFeature(fence: Fence): Feature {
  const ring = (fence.polygon ?? []).map((p) => toMap(p.lon_deg, p.lat_deg));
  const centre = fence.centre;
  const geometry =
    centre && fence.radius_m
      ? new Circle(
          toMap(centre.lon_deg, centre.lat_deg),
          // Web Mercator stretches distances by the secant of the latitude.
          fence.radius_m / Math.cos((centre.lat_deg * Math.PI) / 180),
        )
      : new Polygon([ring]);
  const feature = new Feature(geometry);
  const colour = FENCE_COLOURS[fence.kind];
  const kind = t(`fence.${fence.kind}`);
  const name = pick(fence.name, fence.name_en ?? '');
  const title = name === kind ? kind : `${kind} · ${name}`;
  feature.setStyle(
    new Style({
      stroke: new Stroke({
        color: `${colour}cc`,
        width: 1.6,
        lineDash: fence.kind === 'include' ? [12, 6] : [4, 4],
      }),
      fill: new Fill({ color: fence.kind === 'include' ? 'rgba(0,0,0,0)' : `${colour}1c` }),
      text: label(title, 0, colour),
    }),
  );
  if (fence.kind === 'include' && geometry instanceof Polygon) {
    // Its middle is where the work is: the name goes into the north-west corner.
    const [west, , , north] = geometry.getExtent() as [number, number, number, number];
    const text = label(title, 12, colour);
    text.setTextAlign('left');
    text.setOffsetX(10);
    const style = feature.getStyle() as Style;
    style.setText(new Text());
    feature.setStyle([style, new Style({ geometry: new Point([west, north]), text })]);
  }
  return feature;
}
