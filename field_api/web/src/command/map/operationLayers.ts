/** What is going on, as map layers; each function redraws one layer from plain data. */
import Feature from 'ol/Feature';
import Circle from 'ol/geom/Circle';
import LineString from 'ol/geom/LineString';
import Point from 'ol/geom/Point';
import Polygon from 'ol/geom/Polygon';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import { Fill, Stroke, Style, Text } from 'ol/style';
import type { TerminalPosition } from '$shared/api/live';
import type { Coverage, Detection, Fence, Incident, Plan, Roster, Task } from '$shared/api/records';
import { clock } from '$shared/format';
import { destination, type LatLon } from '$shared/geodesy';
import { named, pick, t } from '$shared/i18n/i18n.svelte';
import { toMap } from '$shared/map/base';
import {
  detectionStyle,
  droneStyle,
  incidentStyle,
  label,
  placeStyle,
  pointFeature,
  terminalStyle,
} from '$shared/map/symbols';
import { ageMs, linkOf, type VehicleEntry } from '../state/vehicles';

/** A handheld reports every 10 s; after a minute its place is only where it was. */
const FRESH_MS = 60_000;

/** From here on names of different layers share the room; those of upper layers come first. */
const FIRST_NAMED_LAYER = 14;

const layer = (zIndex: number) =>
  new VectorLayer({
    source: new VectorSource(),
    zIndex,
    declutter: zIndex >= FIRST_NAMED_LAYER ? 'operation' : false,
  });

/** Longer titles stand in the top bar, not on the map. */
const TITLE_LENGTH = 14;
const shortened = (title: string): string =>
  title.length > TITLE_LENGTH ? `${title.slice(0, TITLE_LENGTH)}…` : title;

export class OperationLayers {
  readonly fences = layer(10);
  readonly coverage = layer(10.5);
  readonly plan = layer(11);
  readonly trails = layer(12);
  readonly findings = layer(13);
  readonly places = layer(14);
  readonly terminals = layer(15);
  readonly incidents = layer(16);
  readonly detections = layer(17);
  readonly vehicles = layer(18);

  get all(): VectorLayer[] {
    return [
      this.fences,
      this.coverage,
      this.plan,
      this.trails,
      this.findings,
      this.places,
      this.terminals,
      this.incidents,
      this.detections,
      this.vehicles,
    ];
  }

  showRoster(roster: Roster): void {
    refill(this.fences, roster.fences.map(fenceFeature));
    refill(
      this.places,
      roster.points.map((point) => {
        const feature = pointFeature(point.id, toMap(point.lon_deg, point.lat_deg), 'place');
        feature.setStyle(placeStyle(pick(point.name_zh, point.name_en)));
        return feature;
      }),
    );
  }

  showIncidents(incidents: Incident[], currentId: string | null): void {
    refill(
      this.incidents,
      incidents.map((incident) => {
        const at = toMap(incident.lon_deg, incident.lat_deg);
        const feature = pointFeature(incident.id, at, 'incident');
        const name = shortened(incident.title);
        const title = incident.drill ? `${t('drill.badge')} ${name}` : name;
        feature.setStyle(incidentStyle(incident.kind, title, incident.id === currentId));
        return feature;
      }),
    );
  }

  showPlan(plan: Plan | null, colourOf: (vehicleId: string) => string): void {
    if (!plan) {
      refill(this.plan, []);
      return;
    }
    const features: Feature[] = [];
    for (const sortie of plan.plan.sorties) {
      const colour = colourOf(sortie.vehicle_id);
      const points = sortie.waypoints.map((w) => toMap(w.lon_deg, w.lat_deg));
      const track = new Feature(new LineString(points));
      track.setStyle([
        new Style({ stroke: new Stroke({ color: 'rgba(6,10,16,.75)', width: 4 }) }),
        new Style({
          stroke: new Stroke({
            color: colour,
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
      spot.setStyle(new Style({ text: label(`▲ ${pick(check.text_zh, check.text_en)}`, 0, '#ff8ac9', true) }));
      features.push(spot);
    }
    refill(this.plan, features);
  }

  /** What was seen, and hatched by colour what is still to be flown. */
  showCoverage(coverage: Coverage | null): void {
    if (!coverage) {
      refill(this.coverage, []);
      return;
    }
    const shape = (rings: LatLon[][]) =>
      new Polygon(rings.map((ring) => [...ring, ring[0]!].map((p) => toMap(p.lon_deg, p.lat_deg))));
    const seen = coverage.seen_outlines.map((ring) => {
      const feature = new Feature(shape([ring]));
      feature.setStyle(
        new Style({ stroke: new Stroke({ color: 'rgba(86,214,201,.9)', width: 1.6 }) }),
      );
      return feature;
    });
    const gaps = coverage.sample_count
      ? coverage.gaps.map((gap) => {
          const feature = new Feature(shape([gap.outline]));
          feature.setStyle(
            new Style({
              fill: new Fill({ color: 'rgba(214,92,235,.2)' }),
              stroke: new Stroke({ color: '#d65ceb', width: 1.6, lineDash: [5, 5] }),
            }),
          );
          return feature;
        })
      : [];
    refill(this.coverage, [...seen, ...gaps]);
  }

  showTrails(
    trails: Map<string, [number, number, number][]>,
    colourOf: (vehicleId: string) => string,
  ): void {
    const source = this.trails.getSource()!;
    for (const [vehicleId, trail] of trails) {
      let feature = source.getFeatureById(vehicleId) as Feature<LineString> | null;
      if (!feature) {
        feature = new Feature(new LineString([]));
        feature.setId(vehicleId);
        feature.setStyle(
          new Style({ stroke: new Stroke({ color: `${colourOf(vehicleId)}b0`, width: 2.4 }) }),
        );
        source.addFeature(feature);
      }
      const shown = feature.get('shown') as number | undefined;
      const last = trail.at(-1)?.[2];
      if (shown !== last) {
        feature.getGeometry()!.setCoordinates(trail.map(([lon, lat]) => toMap(lon, lat)));
        feature.set('shown', last, true);
      }
    }
  }

  showVehicles(
    vehicles: Iterable<VehicleEntry>,
    nowMs: number,
    selectedId: string | null,
    colourOf: (vehicleId: string) => string,
  ): void {
    const source = this.vehicles.getSource()!;
    for (const entry of vehicles) {
      const { state } = entry;
      if (state.lat_deg == null || state.lon_deg == null) continue;
      const at = toMap(state.lon_deg, state.lat_deg);
      let feature = source.getFeatureById(state.vehicle_id) as Feature<Point> | null;
      if (!feature) {
        feature = pointFeature(state.vehicle_id, at, 'vehicle');
        source.addFeature(feature);
      }
      const link = linkOf(entry, nowMs);
      const seconds = Math.floor(ageMs(entry, nowMs) / 1000);
      const agl = state.altitude_agl_m == null ? '' : ` ${Math.round(state.altitude_agl_m)} m`;
      const age = link === 'live' ? agl : ` ${t(`link.${link}`)} ${seconds} s`;
      const look = {
        colour: colourOf(state.vehicle_id),
        heading_deg: Math.round(state.heading_deg ?? 0),
        battery: state.battery.remaining_fraction ?? null,
        link,
        selected: state.vehicle_id === selectedId,
        airborne: state.armed,
        text: state.vehicle_id + age,
      };
      const key = JSON.stringify(look);
      if (feature.get('look') !== key) {
        feature.set('look', key, true);
        feature.setStyle(droneStyle(look));
      }
      const [x, y] = feature.getGeometry()!.getCoordinates();
      if (x !== at[0] || y !== at[1]) feature.getGeometry()!.setCoordinates(at);
    }
  }

  showTerminals(
    positions: Iterable<TerminalPosition>,
    roster: Roster,
    tasks: Task[],
    nowMs: number,
  ): void {
    const busy = new Set(
      tasks.filter((x) => x.state !== 'done' && x.state !== 'refused').map((x) => x.terminal_id),
    );
    const teams = new Map(roster.terminals.map((x) => [x.terminal_id, x.team_id]));
    const source = this.terminals.getSource()!;
    // Moved in place: 300 handhelds at 1 Hz must not mean 300 new features a second.
    for (const position of positions) {
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

  showDetections(detections: Detection[], selectedId: string | null): void {
    const marks: Feature[] = [];
    const findings: Feature[] = [];
    for (const detection of detections) {
      if (detection.status === 'rejected') continue;
      const confirmed = detection.status === 'confirmed';
      const selected = detection.id === selectedId;
      if (detection.position) {
        const { lat_deg, lon_deg } = detection.position;
        const mark = pointFeature(detection.id, toMap(lon_deg, lat_deg), 'detection');
        const text = `${named('label', detection.label)} ${Math.round(detection.confidence * 100)} %`;
        mark.setStyle(detectionStyle(detection.label, confirmed, selected, text));
        marks.push(mark);
        if (detection.error_ellipse && selected) findings.push(ellipseFeature(detection));
      } else if (detection.bearing_deg != null && detection.pose) {
        findings.push(bearingFeature(detection, detection.pose, detection.bearing_deg));
      }
    }
    refill(this.detections, marks);
    refill(this.findings, findings);
  }
}

function refill(layer: VectorLayer, features: Feature[]): void {
  const source = layer.getSource()!;
  source.clear(true);
  source.addFeatures(features);
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
  const title = fence.name === kind ? kind : `${kind} · ${fence.name}`;
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

/** The 95 % ellipse (2.45 sigma) of a detection's position. */
export function ellipseRing(detection: Detection): [number, number][] {
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
  feature.setStyle(
    new Style({
      stroke: new Stroke({ color: '#ffffff', width: 1.5, lineDash: [6, 4] }),
      fill: new Fill({ color: 'rgba(255, 138, 201, 0.14)' }),
    }),
  );
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
