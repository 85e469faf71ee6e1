import { expect, test } from 'vitest';
import type { StreamState } from '$shared/api/live';
import { arranged, camerasOf, neighbour, onAir, shownOnWall, swapped, type Camera } from './wall';

const camera = (id: string, live = true): Camera => ({ vehicleId: id, name: id, streamId: `${id}-cam`, onAir: live });
const ids = (shown: Camera[]) => shown.map(({ name }) => name);
const stream = (stream_id: string, state: StreamState['state']) => ({ stream_id, state }) as StreamState;

test('what is off the air takes no room from what is on it', () => {
  const cameras = [camera('U1', false), camera('U2'), camera('U3', false), camera('U4')];
  expect(ids(shownOnWall(cameras, 4, null))).toEqual(['U2', 'U4']);
  expect(ids(shownOnWall(cameras, 1, 'U4'))).toEqual(['U4']);
  expect(ids(shownOnWall(cameras, 1, 'U3'))).toEqual(['U2']);
  expect(shownOnWall([camera('U1', false)], 9, 'U1')).toEqual([]);
});

test('the aircraft that is looked at is on the wall, however many there are', () => {
  const ten = Array.from({ length: 10 }, (_, n) => camera(`U${n + 1}`));
  expect(ids(shownOnWall(ten, 9, 'U10'))).toEqual(['U1', 'U2', 'U3', 'U4', 'U5', 'U6', 'U7', 'U8', 'U10']);
});

test('a camera is on the air while its aircraft is heard, or its picture comes without', () => {
  expect(onAir(true, undefined)).toBe(true);
  expect(onAir(false, stream('U1-cam', 'live'))).toBe(true);
  expect(onAir(false, stream('U1-cam', 'waiting'))).toBe(false);
  expect(onAir(false, undefined)).toBe(false);
});

test("handhelds' pictures stand behind the aircraft's, while they come", () => {
  const streams = new Map(
    [stream('U1-cam', 'live'), stream('HT-05-cam', 'live'), stream('HT-04-cam', 'stalled'), stream('HT-03-cam', 'ended')].map(
      (state) => [state.stream_id, state],
    ),
  );
  const vehicles = [{ vehicle_id: 'U1', stream_id: 'U1-cam' }, { vehicle_id: 'U2', stream_id: null }];
  const cameras = camerasOf(vehicles, streams, () => false);
  expect(ids(cameras)).toEqual(['U1', 'HT-04', 'HT-05']);
  expect(cameras.map(({ vehicleId }) => vehicleId)).toEqual(['U1', null, null]);
});

test('people put pictures where they want them, and new ones come last', () => {
  const cameras = [camera('U1'), camera('U2'), camera('U3')];
  const order = swapped(cameras, 'U3-cam', 'U1-cam');
  expect(ids(arranged(cameras, order))).toEqual(['U3', 'U2', 'U1']);
  expect(ids(arranged([...cameras, camera('U4')], order))).toEqual(['U3', 'U2', 'U1', 'U4']);
  expect(swapped(cameras, 'U9-cam', 'U1-cam')).toEqual(['U1-cam', 'U2-cam', 'U3-cam']);
});

test('arrows lead to the tile beside, and nowhere beyond the wall', () => {
  expect(neighbour(0, 'ArrowRight', 4, 2)).toBe(1);
  expect(neighbour(1, 'ArrowRight', 4, 2)).toBeNull();
  expect(neighbour(1, 'ArrowDown', 4, 2)).toBe(3);
  expect(neighbour(1, 'ArrowDown', 3, 2)).toBeNull();
  expect(neighbour(2, 'ArrowUp', 4, 2)).toBe(0);
  expect(neighbour(0, 'Enter', 4, 2)).toBeNull();
});
