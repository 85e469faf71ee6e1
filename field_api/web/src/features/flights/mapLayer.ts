/** Aircraft on the map, and the way they flew. */
import Feature from 'ol/Feature';
import MultiLineString from 'ol/geom/MultiLineString';
import type Point from 'ol/geom/Point';
import { Stroke, Style } from 'ol/style';
import { desk } from '$shared/desk.svelte';
import type { LatLon } from '$shared/geodesy';
import { t } from '$shared/i18n/i18n.svelte';
import { toMap } from '$shared/map/base';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { droneStyle, pointFeature } from '$shared/map/symbols';
import { roster } from '../roster/roster.svelte';
import { flights } from './flights.svelte';
import { replay } from './replay.svelte';
import { selection } from './selection.svelte';
import { trailLines } from './trails';
import { ageMs, linkOf, type VehicleEntry } from './vehicles';

export function flightLayer(): FeatureLayer {
  const trails = vectorLayer(12);
  const vehicles = vectorLayer(18);
  const past = vectorLayer(19);

  function drawTrail(vehicleId: string) {
    const source = trails.getSource()!;
    const heard = flights.trails.get(vehicleId) ?? [];
    const pieces = flights.flownOfIncident.filter((piece) => piece.vehicle_id === vehicleId);
    let feature = source.getFeatureById(vehicleId) as Feature<MultiLineString> | null;
    if (!feature) {
      feature = new Feature(new MultiLineString([]));
      feature.setId(vehicleId);
      const color = `${roster.colourOf(vehicleId)}b0`;
      feature.setStyle(new Style({ stroke: new Stroke({ color, width: 2.4 }) }));
      source.addFeature(feature);
    }
    const points = pieces.reduce((sum, piece) => sum + piece.points.length, 0);
    const shown = `${desk.incidentId} ${pieces.length} ${points} ${heard.at(-1)?.[2] ?? ''}`;
    if (feature.get('shown') === shown) return;
    feature.set('shown', shown, true);
    const lines = trailLines(pieces, heard);
    feature.getGeometry()!.setCoordinates(lines.map((line) => line.map(([lon, lat]) => toMap(lon, lat))));
  }

  function moveVehicle(entry: VehicleEntry, nowMs: number) {
    const { state } = entry;
    if (state.lat_deg == null || state.lon_deg == null) return;
    const source = vehicles.getSource()!;
    const at = toMap(state.lon_deg, state.lat_deg);
    let feature = source.getFeatureById(state.vehicle_id) as Feature<Point> | null;
    if (!feature) {
      feature = pointFeature(state.vehicle_id, at, 'vehicle');
      source.addFeature(feature);
    }
    const link = linkOf(entry, nowMs);
    const seconds = Math.floor(ageMs(entry, nowMs) / 1000);
    const agl =
      state.altitude_agl_m == null ? '' : ` ${t('flight.agl')} ${Math.round(state.altitude_agl_m)} m`;
    const age = link === 'live' ? agl : ` ${t(`link.${link}`)} ${seconds} s`;
    const look = {
      colour: roster.colourOf(state.vehicle_id),
      heading_deg: Math.round(state.heading_deg ?? 0),
      battery: state.battery.remaining_fraction ?? null,
      link,
      selected: selection.has(state.vehicle_id),
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

  /** Outlines of where they were: nobody may take them for aircraft of now. */
  function drawPast() {
    refill(
      past,
      replay.past.map(({ vehicle_id, lat_deg, lon_deg, altitude_amsl_m, heading_deg }) => {
        const feature = pointFeature(`past/${vehicle_id}`, toMap(lon_deg, lat_deg), 'past');
        feature.setStyle(
          droneStyle({
            colour: roster.colourOf(vehicle_id),
            heading_deg: Math.round(heading_deg),
            battery: 0,
            link: 'live',
            selected: false,
            airborne: false,
            text: t('replay.past', { id: vehicle_id, metres: Math.round(altitude_amsl_m) }),
          }),
        );
        return feature;
      }),
    );
  }

  const placeOf = ({ state }: VehicleEntry): LatLon[] =>
    state.lat_deg == null ? [] : [{ lat_deg: state.lat_deg, lon_deg: state.lon_deg! }];

  return {
    layers: [trails, vehicles, past],
    switches: [{ key: 'map.layer.trails', layers: [trails] }],
    effects: [drawPast],
    tick: (nowMs, ticks) => {
      for (const entry of flights.vehicles.values()) moveVehicle(entry, nowMs);
      if (ticks % 5 !== 1) return;
      const flown = flights.flownOfIncident.map((piece) => piece.vehicle_id);
      for (const id of new Set([...flown, ...flights.trails.keys()])) drawTrail(id);
    },
    picked: {
      layers: [vehicles],
      open: (id) => {
        selection.only(id);
        desk.tab = 'flight';
      },
    },
    extent: () => {
      const all = [...flights.vehicles.values()];
      return all.filter((entry) => entry.state.armed).flatMap(placeOf);
    },
  };
}
