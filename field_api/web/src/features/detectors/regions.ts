/** Parts of a picture, drawn by dragging: fractions of its width and height. */
import type { components } from '$shared/api/schema';

export type Region = components['schemas']['PictureRegion'];

interface Point {
  x: number;
  y: number;
}

/** Smaller than this was a click. */
const LEAST = 0.01;

/** What lies between two corners, inside the picture; null where that is next to nothing. */
export function between(one: Point, other: Point): Region | null {
  const inside = (value: number) => Math.min(1, Math.max(0, value));
  const [left, right] = [inside(Math.min(one.x, other.x)), inside(Math.max(one.x, other.x))];
  const [top, bottom] = [inside(Math.min(one.y, other.y)), inside(Math.max(one.y, other.y))];
  const region = { x: left, y: top, w: right - left, h: bottom - top };
  return region.w >= LEAST && region.h >= LEAST ? region : null;
}

/** Where a picture of an aspect lies in an element that holds it whole. */
export function pictureIn(width: number, height: number, aspect: number): { left: number; top: number; width: number; height: number } {
  const shown = { width: Math.min(width, height * aspect), height: Math.min(height, width / aspect) };
  return { ...shown, left: (width - shown.width) / 2, top: (height - shown.height) / 2 };
}
