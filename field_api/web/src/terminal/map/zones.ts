/** Zones on the handheld, and in which of them one stands; decided here, without a network. */
import type { Fence } from '$shared/api/records';
import { distanceM, type LatLon } from '$shared/geodesy';
import { inRing } from '$shared/warnings/concerns';

/** An entry of the register of airspace. */
export interface Zone {
  id: string;
  version: number;
  fence: Fence;
}

/** An entry of the register of zones that are dangerous to people. */
export interface DangerZone {
  id: string;
  version: number;
  name: string;
  kind: string;
  danger: string | null;
  begins_ms: number | null;
  ends_ms: number | null;
  outline: Outline;
}

/** A ring of corners, or a circle. */
export interface Outline {
  polygon?: readonly LatLon[];
  centre?: LatLon | null;
  radius_m?: number | null;
}

/** Those that one is warned of: aircraft keep out, or need an approval. */
export const isWarned = ({ fence }: Zone): boolean => fence.kind === 'exclude' || fence.kind === 'controlled';

/** Whether it is dangerous now; one that begins later is on the map already. */
export const isCurrent = ({ begins_ms, ends_ms }: DangerZone, nowMs: number): boolean =>
  nowMs >= (begins_ms ?? -Infinity) && !isOver({ ends_ms }, nowMs);

export const isOver = ({ ends_ms }: Pick<DangerZone, 'ends_ms'>, nowMs: number): boolean =>
  ends_ms !== null && nowMs >= ends_ms;

/** Whether there is something to draw: a message may name a point, or nothing that is a ring. */
export const isArea = ({ polygon = [], centre, radius_m }: Outline): boolean =>
  polygon.length > 2 || Boolean(centre && radius_m);

export function isIn({ polygon = [], centre, radius_m }: Outline, at: LatLon): boolean {
  if (centre && radius_m) return distanceM(centre, at) <= radius_m;
  return inRing(polygon, at);
}

/** The zones that one is warned of where one stands. */
export const warnedAt = (zones: readonly Zone[], at: LatLon | null): Zone[] =>
  at ? zones.filter((zone) => isWarned(zone) && isIn(zone.fence, at)) : [];

/** The dangers that one stands in. */
export const dangersAt = (zones: readonly DangerZone[], at: LatLon | null, nowMs: number): DangerZone[] =>
  at ? zones.filter((zone) => isCurrent(zone, nowMs) && isIn(zone.outline, at)) : [];
