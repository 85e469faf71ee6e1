/**
 * What the detector saw, kept by the frames' own time stamps, and asked for by the player at the
 * moment it draws a frame. The detector skips frames when it is busy: between two seen frames a
 * track's box is interpolated, after the last one it is held for a moment. A detector that is
 * slower than the picture still shows what it saw last, and the box says how long ago that was.
 */
import type { Box, FrameBoxes } from '../api/live';

export interface DrawnBox extends Box {
  /** False where the box is interpolated or held, not seen on exactly this frame. */
  seen: boolean;
  /** How much older than the frame the look is that saw it; 0 where that can't be noticed. */
  late_ms: number;
}

const KEPT_FRAMES = 90;
const LONGEST_GAP_90K = 54_000; // 0.6 s: further apart, a straight line is a guess
const HOLD_90K = 22_500; // 0.25 s
const LONGEST_LATE_90K = 450_000; // 5 s: what stood there may be anywhere by now

const mix = (a: number, b: number, f: number): number => a + (b - a) * f;

export class BoxTrack {
  #frames: FrameBoxes[] = [];

  /** `kept`: looks that are remembered; a recording has all of them, a live picture the newest. */
  constructor(private readonly kept = KEPT_FRAMES) {}

  readonly #listeners = new Set<(pts_90k: number) => void>();

  /** Have `told` called with the time stamp of every look; returns how to stop. */
  onLook(told: (pts_90k: number) => void): () => void {
    this.#listeners.add(told);
    return () => this.#listeners.delete(told);
  }

  get newest(): FrameBoxes | undefined {
    return this.#frames.at(-1);
  }

  add(frame: FrameBoxes): void {
    const last = this.#frames.at(-1);
    // The camera restarted: its clock began anew, older boxes belong to another stream.
    if (last && frame.pts_90k < last.pts_90k - 900_000) this.#frames = [];
    let at = this.#frames.length;
    while (at > 0 && this.#frames[at - 1]!.pts_90k > frame.pts_90k) at -= 1;
    const same = at > 0 && this.#frames[at - 1]!.pts_90k === frame.pts_90k;
    this.#frames.splice(same ? at - 1 : at, same ? 1 : 0, frame);
    if (this.#frames.length > this.kept) this.#frames.shift();
    for (const told of this.#listeners) told(frame.pts_90k);
  }

  at(pts_90k: number): DrawnBox[] {
    let next = this.#frames.length;
    while (next > 0 && this.#frames[next - 1]!.pts_90k > pts_90k) next -= 1;
    const before = this.#frames[next - 1];
    const after = this.#frames[next];
    if (!before) return [];
    if (before.pts_90k === pts_90k) return before.boxes.map((box) => ({ ...box, seen: true, late_ms: 0 }));
    if (after && after.pts_90k - before.pts_90k <= LONGEST_GAP_90K) {
      const f = (pts_90k - before.pts_90k) / (after.pts_90k - before.pts_90k);
      return before.boxes.flatMap((a) => {
        const b = after.boxes.find((box) => box.track_id === a.track_id && box.label === a.label);
        if (!b) return [];
        const [x, y, w, h] = [mix(a.x, b.x, f), mix(a.y, b.y, f), mix(a.w, b.w, f), mix(a.h, b.h, f)];
        const confidence = mix(a.confidence, b.confidence, f);
        return [{ ...a, confidence, x, y, w, h, seen: false, late_ms: 0 }];
      });
    }
    const old_90k = pts_90k - before.pts_90k;
    if (old_90k > LONGEST_LATE_90K) return [];
    const late_ms = old_90k <= HOLD_90K ? 0 : old_90k / 90;
    return before.boxes.map((box) => ({ ...box, seen: false, late_ms }));
  }
}
