/** What the video wall shows: the pictures that come in come before those that do not. */
import type { StreamState } from '$shared/api/live';

export const SIZES = [1, 4, 9] as const;
export type WallSize = (typeof SIZES)[number];

export interface Camera {
  id: string;
  streamId: string;
  onAir: boolean;
}

/** Whether a picture comes or can be expected: from an aircraft that is heard, or by itself. */
export const onAir = (heard: boolean, stream: StreamState | undefined): boolean =>
  heard || stream?.state === 'live' || stream?.state === 'stalled';

/** The cameras on the wall, in their order; the aircraft that is looked at is among them. */
export function shownOnWall(cameras: readonly Camera[], size: WallSize, leadId: string | null): Camera[] {
  const live = cameras.filter((camera) => camera.onAir);
  const shown = live.slice(0, size);
  const lead = live.find((camera) => camera.id === leadId);
  if (lead && !shown.includes(lead)) shown[shown.length - 1] = lead;
  return shown;
}
