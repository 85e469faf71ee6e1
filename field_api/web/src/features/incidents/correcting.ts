/** What somebody puts right of an incident. Pure. */
import type { EditIncident, Incident } from '$shared/api/records';

export type Correctable = Pick<Incident, 'title' | 'text' | 'lat_deg' | 'lon_deg'>;

const NAMES = ['title', 'text', 'lat_deg', 'lon_deg'] as const;

export const correctable = (incident: Incident): Correctable =>
  ({ title: incident.title, text: incident.text, lat_deg: incident.lat_deg, lon_deg: incident.lon_deg });

const same = (a: Correctable, b: Correctable) => NAMES.every((name) => a[name] === b[name]);

/**
 * Whether others corrected the incident since `base` was looked at. Counting people or linking raises
 * its version too and is in nobody's way.
 */
export const overtaken = (base: Correctable, now: Incident): boolean => !same(base, correctable(now));

/** What somebody wrote, over what others wrote meanwhile: what was not touched is theirs. */
export const rebased = (base: Correctable, draft: Correctable, now: Correctable): Correctable =>
  Object.fromEntries(NAMES.map((name) => [name, (draft[name] === base[name] ? now : draft)[name]])) as unknown as Correctable;

/** What is to be sent: only what differs from what was looked at; null where nothing does. */
export function correction(base: Correctable, draft: Correctable, version: number): EditIncident | null {
  const written = { ...draft, title: draft.title.trim(), text: draft.text.trim() };
  if (same(base, written)) return null;
  const moved = base.lat_deg !== written.lat_deg || base.lon_deg !== written.lon_deg;
  return {
    version,
    ...(base.title !== written.title ? { title: written.title } : {}),
    ...(base.text !== written.text ? { text: written.text } : {}),
    ...(moved ? { lat_deg: written.lat_deg, lon_deg: written.lon_deg } : {}),
  } as EditIncident;
}
