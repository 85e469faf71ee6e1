/** Directions of a camera: what a nudge asks for, what a click in the picture means. */
import type { Box, VehicleState } from '$shared/api/live';

export interface Angles {
  pitch_deg: number;
  yaw_deg: number;
}

export const LOWEST_DEG = -90;
export const HIGHEST_DEG = 20;
/** A box is easier hit than seen. */
const BOX_MARGIN = 0.015;

const turned = (degrees: number): number => ((((degrees + 180) % 360) + 360) % 360) - 180;

/** From where the camera looks, or was last asked to look, one step further. */
export function nudged(from: Angles, up_deg: number, right_deg: number): Angles {
  return {
    pitch_deg: Math.min(HIGHEST_DEG, Math.max(LOWEST_DEG, from.pitch_deg + up_deg)),
    yaw_deg: turned(from.yaw_deg + right_deg),
  };
}

/** Azimuth of the optical axis, clockwise from true north; null where that is unknown. */
export function azimuthDeg(state: VehicleState): number | null {
  const { camera, heading_deg } = state;
  if (camera?.yaw_deg == null || heading_deg == null) return null;
  // Straight down there is no azimuth.
  if ((camera.pitch_deg ?? 0) < -85) return null;
  return (((heading_deg + camera.yaw_deg) % 360) + 360) % 360;
}

/** Where in the picture a point of its element lies: the picture keeps its shape inside. */
export function inPicture(
  at: { x: number; y: number },
  element: { left: number; top: number; width: number; height: number },
  aspect: number,
): { x: number; y: number } | null {
  const width = Math.min(element.width, element.height * aspect);
  const height = width / aspect;
  const x = (at.x - element.left - (element.width - width) / 2) / width;
  const y = (at.y - element.top - (element.height - height) / 2) / height;
  return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? { x, y } : null;
}

/** The box at a point of the picture, the smallest where several are. */
export function boxAt<B extends Pick<Box, 'x' | 'y' | 'w' | 'h'>>(
  boxes: readonly B[],
  { x, y }: { x: number; y: number },
): B | null {
  const hit = boxes.filter(
    (box) =>
      x >= box.x - BOX_MARGIN &&
      x <= box.x + box.w + BOX_MARGIN &&
      y >= box.y - BOX_MARGIN &&
      y <= box.y + box.h + BOX_MARGIN,
  );
  return hit.sort((a, b) => a.w * a.h - b.w * b.h)[0] ?? null;
}
