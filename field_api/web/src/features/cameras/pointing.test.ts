import { expect, test } from 'vitest';
import type { VehicleState } from '$shared/api/live';
import { azimuthDeg, boxAt, inPicture, nudged } from './pointing';

test('a nudge stays within what a gimbal can do', () => {
  expect(nudged({ pitch_deg: -88, yaw_deg: 178 }, -5, 5)).toEqual({ pitch_deg: -90, yaw_deg: -177 });
  expect(nudged({ pitch_deg: 18, yaw_deg: -178 }, 5, -5)).toEqual({ pitch_deg: 20, yaw_deg: 177 });
});

test('a click is found in a picture that is wider or higher than its element', () => {
  const element = { left: 100, top: 50, width: 400, height: 400 };
  expect(inPicture({ x: 300, y: 250 }, element, 16 / 9)).toEqual({ x: 0.5, y: 0.5 });
  expect(inPicture({ x: 300, y: 60 }, element, 16 / 9)).toBeNull();
  expect(inPicture({ x: 100, y: 250 }, element, 16 / 9)).toEqual({ x: 0, y: 0.5 });
  expect(inPicture({ x: 110, y: 250 }, element, 9 / 16)).toBeNull();
});

test('of boxes over each other the smallest is meant', () => {
  const wide = { x: 0, y: 0, w: 1, h: 1, name: 'wide' };
  const small = { x: 0.4, y: 0.4, w: 0.1, h: 0.1, name: 'small' };
  expect(boxAt([wide, small], { x: 0.45, y: 0.45 })?.name).toBe('small');
  expect(boxAt([wide, small], { x: 0.9, y: 0.9 })?.name).toBe('wide');
  expect(boxAt([small], { x: 0.51, y: 0.45 })?.name, 'a near miss').toBe('small');
  expect(boxAt([small], { x: 0.7, y: 0.45 })).toBeNull();
});

test('the azimuth is the nose and the gimbal together, and none straight down', () => {
  const state = (pitch_deg: number) =>
    ({ heading_deg: 350, camera: { pitch_deg, yaw_deg: 20 } }) as VehicleState;
  expect(azimuthDeg(state(-40))).toBe(10);
  expect(azimuthDeg(state(-89))).toBeNull();
});
