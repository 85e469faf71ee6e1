/** Which pointers are still shown, and which incident a place belongs to. */
import { distanceM, type LatLon } from '$shared/geodesy';
import type { Incident, Pointer } from '$shared/api/records';

/** The same each time: what looks for it is not redrawn twice a second. */
const NONE: Pointer[] = [];

/** One that came in late, or lies here since yesterday, is not shown as if it were of now. */
export function freshOf(pointers: readonly Pointer[], nowMs: number): Pointer[] {
  const fresh = pointers.filter((each) => !each.ended && each.until_ms > nowMs);
  return fresh.length ? fresh.sort((a, b) => b.pointed_ms - a.pointed_ms) : NONE;
}

/** Incidents this close to each other are at one place. */
const ONE_PLACE_M = 200;

/** The open incident that is nearest to a place; of several at one place the newest. */
export function incidentAt(incidents: readonly Incident[], at: LatLon): Incident | null {
  const open = incidents.filter(({ state }) => state === 'open');
  const nearestM = Math.min(...open.map((each) => distanceM(each, at)));
  return (
    open
      .filter((each) => distanceM(each, at) <= nearestM + ONE_PLACE_M)
      .sort((a, b) => b.opened_ms - a.opened_ms)[0] ?? null
  );
}
