/** What the video wall shows, and where: the pictures that come in, in the order people gave them. */
import type { StreamState } from '$shared/api/live';

export const SIZES = [1, 4, 9] as const;
export type WallSize = (typeof SIZES)[number];

export interface Camera {
  /** Its stream's id. */
  streamId: string;
  /** What is painted on its carrier. */
  name: string;
  /** The aircraft that carries it; null for handhelds and masts. */
  vehicleId: string | null;
  onAir: boolean;
}

/** Whether a picture comes or can be expected: from an aircraft that is heard, or by itself. */
export const onAir = (heard: boolean, stream: StreamState | undefined): boolean =>
  heard || stream?.state === 'live' || stream?.state === 'stalled';

/** Every camera: the roster's aircraft, then what else sends a picture, as handhelds do. */
export function camerasOf(
  vehicles: readonly { vehicle_id: string; stream_id?: string | null }[],
  streams: ReadonlyMap<string, StreamState>,
  heard: (vehicleId: string) => boolean,
): Camera[] {
  const carried = vehicles.flatMap(({ vehicle_id, stream_id }) =>
    stream_id ? [{ streamId: stream_id, name: vehicle_id, vehicleId: vehicle_id, onAir: onAir(heard(vehicle_id), streams.get(stream_id)) }] : [],
  );
  const known = new Set(carried.map(({ streamId }) => streamId));
  const others = [...streams.values()]
    .filter(({ stream_id, state }) => !known.has(stream_id) && state !== 'ended' && state !== 'waiting')
    .map(({ stream_id }) => ({ streamId: stream_id, name: stream_id.replace(/-cam$/, ''), vehicleId: null, onAir: true }))
    .sort((a, b) => (a.streamId < b.streamId ? -1 : 1));
  return [...carried, ...others];
}

/** Cameras in the order that people gave them; those they never moved follow. */
export function arranged(cameras: readonly Camera[], order: readonly string[]): Camera[] {
  const place = (camera: Camera) => {
    const at = order.indexOf(camera.streamId);
    return at < 0 ? order.length : at;
  };
  return [...cameras].sort((a, b) => place(a) - place(b));
}

/** The cameras on the wall, in their order; the aircraft that is looked at is among them. */
export function shownOnWall(cameras: readonly Camera[], size: WallSize, leadId: string | null): Camera[] {
  const live = cameras.filter((camera) => camera.onAir);
  const shown = live.slice(0, size);
  const lead = live.find((camera) => camera.vehicleId !== null && camera.vehicleId === leadId);
  if (lead && !shown.includes(lead)) shown[shown.length - 1] = lead;
  return shown;
}

/** The order after one camera took the place of another, which takes its place. */
export function swapped(cameras: readonly Camera[], streamId: string, otherId: string): string[] {
  const order = cameras.map((camera) => camera.streamId);
  const [from, to] = [order.indexOf(streamId), order.indexOf(otherId)];
  if (from >= 0 && to >= 0) [order[from], order[to]] = [otherId, streamId];
  return order;
}

const STEPS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Which tile an arrow key leads to from another, null where there is none. */
export function neighbour(at: number, key: string, count: number, columns: number): number | null {
  const step = STEPS[key];
  if (!step) return null;
  const column = (at % columns) + step[0];
  const to = at + step[0] + step[1] * columns;
  return column >= 0 && column < columns && to >= 0 && to < count ? to : null;
}
