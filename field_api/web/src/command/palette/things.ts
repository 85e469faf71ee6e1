/** Incidents, aircraft, handhelds and places that this console knows of. */
import { desk } from '$shared/desk.svelte';
import { degrees } from '$shared/format';
import type { LatLon } from '$shared/geodesy';
import { ask, http } from '$shared/api/client';
import { named, pick, t } from '$shared/i18n/i18n.svelte';
import { loadMapBase } from '$shared/map/baseData';
import { mapState } from '$shared/map/mapState.svelte';
import { session } from '$shared/session/session.svelte';
import { flights } from '../../features/flights/flights.svelte';
import { selection } from '../../features/flights/selection.svelte';
import { byId } from '../../features/flights/vehicles';
import { incidents } from '../../features/incidents/incidents.svelte';
import { roster } from '../../features/roster/roster.svelte';
import { lastDesk } from '../lastDesk.svelte';
import { readCoordinates } from './coordinates';
import type { Find } from './finds';

const CLOSE_UP = 16;
const STREET = 14;

/** Show a place on the desk's map. */
export function goTo(place: LatLon, zoom = CLOSE_UP): void {
  lastDesk.show();
  desk.wall = false;
  mapState.following = false;
  mapState.lookAt(place, zoom);
}

export function coordinate(typed: string): Find[] {
  const place = readCoordinates(typed);
  if (!place) return [];
  const label = degrees(place.lat_deg, place.lon_deg);
  return [{ group: 'coordinate', id: label, names: [label], label, detail: t('palette.wgs84'), go: () => goTo(place) }];
}

export const openIncidents = (): Find[] =>
  incidents.open.map(({ id, title, kind, lat_deg, lon_deg }) => ({
    group: 'incident',
    id,
    names: [title, named('incident.kind', kind)],
    label: title,
    detail: named('incident.kind', kind),
    go: () => {
      desk.showIncident(id);
      mapState.following = false;
      mapState.lookAt({ lat_deg, lon_deg });
    },
  }));

export function aircraft(): Find[] {
  if (!session.may('vehicle.view')) return [];
  return [...roster.vehicles].sort(byId).map(({ vehicle_id, name, name_en }) => ({
    group: 'aircraft',
    id: vehicle_id,
    names: [vehicle_id, name, name_en],
    label: `${vehicle_id} ${pick(name, name_en)}`,
    detail: flights.vehicles.has(vehicle_id) ? undefined : t('palette.not-heard'),
    go: () => {
      lastDesk.show();
      selection.only(vehicle_id);
      desk.tab = 'flight';
      const at = flights.vehicles.get(vehicle_id)?.state;
      if (at?.lat_deg != null && at.lon_deg != null) goTo({ lat_deg: at.lat_deg, lon_deg: at.lon_deg });
    },
  }));
}

export const handhelds = (): Find[] =>
  (roster.current?.terminals ?? []).map((each) => {
    const { terminal_id, holder, holder_en } = each;
    const at = roster.positions.get(terminal_id) ?? each;
    const { lat_deg, lon_deg } = at;
    const place = lat_deg == null || lon_deg == null ? null : { lat_deg, lon_deg };
    return {
      group: 'handheld',
      id: terminal_id,
      names: [terminal_id, holder, holder_en],
      label: `${terminal_id} ${pick(holder, holder_en)}`,
      detail: place ? undefined : t('palette.no-position'),
      go: () => (place ? goTo(place) : lastDesk.show()),
    };
  });

/** Names of the ground: streets, communities, villages and hills of the gazetteer. */
export async function gazetteer(): Promise<Find[]> {
  const [base, areas] = await Promise.all([loadMapBase(), ask(http.GET('/api/v1/areas'))]);
  const found: Find[] = [];
  const seats = new Map<string, LatLon>();
  for (const { properties, geometry } of [...base.streets.features, ...base.places.features]) {
    const [lon_deg, lat_deg] = geometry.coordinates as [number, number];
    const [zh, en] = [String(properties.name ?? ''), String(properties.name_en ?? '')];
    const code = properties.code === undefined ? null : String(properties.code);
    if (code) seats.set(code, { lat_deg, lon_deg });
    found.push({
      group: 'place',
      id: code ?? `${zh} ${lat_deg} ${lon_deg}`,
      names: [zh, en, code ?? ''],
      label: pick(zh, en),
      detail: degrees(lat_deg, lon_deg),
      go: () => goTo({ lat_deg, lon_deg }, code ? STREET : CLOSE_UP),
    });
  }
  // A community has a code and a name but no place of its own: its street's seat is shown, and said.
  for (const { code, name, parent } of areas) {
    const seat = parent ? seats.get(parent) : undefined;
    if (!seat || seats.has(code)) continue;
    found.push({ group: 'place', id: code, names: [name, code], label: name, detail: t('palette.street-seat'), go: () => goTo(seat, STREET) });
  }
  return found;
}

/** Places of the bureau: stations, launch sites, water. */
export const points = (): Find[] =>
  roster.points.map(({ id, name_zh, name_en, lat_deg, lon_deg }) => ({
    group: 'place',
    id: `point ${id}`,
    names: [name_zh, name_en],
    label: pick(name_zh, name_en),
    detail: degrees(lat_deg, lon_deg),
    go: () => goTo({ lat_deg, lon_deg }),
  }));
