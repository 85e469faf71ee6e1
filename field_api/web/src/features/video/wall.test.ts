import { expect, test } from 'vitest';
import type { StreamState } from '$shared/api/live';
import { onAir, shownOnWall, type Camera } from './wall';

const camera = (id: string, live = true): Camera => ({ id, streamId: `${id}-cam`, onAir: live });
const ids = (shown: Camera[]) => shown.map(({ id }) => id);

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
  const stream = (state: StreamState['state']) => ({ state }) as StreamState;
  expect(onAir(true, undefined)).toBe(true);
  expect(onAir(false, stream('live'))).toBe(true);
  expect(onAir(false, stream('waiting'))).toBe(false);
  expect(onAir(false, undefined)).toBe(false);
});
