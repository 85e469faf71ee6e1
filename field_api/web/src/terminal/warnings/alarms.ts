/** Which warnings a handheld shows and which it sounds for: by where it is and by the clock alone. */
import type { Warning } from '$shared/api/records';
import type { LatLon } from '$shared/geodesy';
import { byGravity, holds, isSevere } from '$shared/warnings/levels';
import { concerns } from '$shared/warnings/concerns';

export interface Here {
  /** Of the account; none is the whole district. */
  areas: readonly string[];
  at: LatLon | null;
  nowMs: number;
  /** Warnings that were acknowledged on this handheld. */
  seen: ReadonlySet<string>;
}

/** In force, and for who is here: the gravest first. One that expired on the way alarms nobody. */
export const shownHere = (warnings: readonly Warning[], { areas, at, nowMs }: Here): Warning[] =>
  warnings.filter((each) => holds(each, nowMs) && concerns(each, areas, at) !== null).sort(byGravity);

/** Those that are heard until somebody says that they have seen them: red and orange, no drills. */
export const heardHere = (warnings: readonly Warning[], here: Here): Warning[] =>
  shownHere(warnings, here).filter((each) => isSevere(each) && !here.seen.has(each.id));

/** Lifted after one had acknowledged it: that is told too. */
export const liftedHere = (warnings: readonly Warning[], { seen }: Here): Warning[] =>
  warnings.filter(({ id, state }) => state === 'cancelled' && seen.has(id));
