/** Why a picture is not smooth: the camera, the line, or this computer. Counts in, a word out. */
export type Slow = 'camera' | 'line' | 'device';

export interface Rates {
  /** The camera's pictures a second, as the post gets them; null where that isn't known. */
  camera: number | null;
  arrived: number;
  shown: number;
}

/** Below this a person sees single pictures. */
const SMOOTH_FPS = 8;
const LOST = 0.6;

export function whySlow({ camera, arrived, shown }: Rates): Slow | null {
  if (shown >= SMOOTH_FPS) return null;
  if (camera !== null && camera < SMOOTH_FPS && shown >= camera * LOST) return 'camera';
  if (camera !== null && arrived < camera * LOST) return 'line';
  return arrived > 0 && shown < arrived * LOST ? 'device' : null;
}

/** Of a line that carries less than this of what the camera sends, the small picture makes more. */
const WEAK = 0.75;

export const isWeakLine = ({ camera, arrived }: Rates): boolean => camera !== null && camera > 2 && arrived < camera * WEAK;
