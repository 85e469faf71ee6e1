/** The detector's boxes over a frame: shape and words tell what it is, colour only helps. */
import { named, t } from '../i18n/i18n.svelte';
import type { DrawnBox } from './boxTrack';

export const LABEL_COLOURS: Record<string, string> = { person: '#f7a8ff', smoke: '#ffffff' };

/** Draw `boxes` (fractions of the frame); `scale` is canvas pixels for one pixel on screen. */
export function drawBoxes(
  context: CanvasRenderingContext2D,
  boxes: DrawnBox[],
  scale: number,
): void {
  const { width, height } = context.canvas;
  context.save();
  context.font = `600 ${Math.round(12 * scale)}px sans-serif`;
  context.textBaseline = 'middle';
  for (const box of boxes) {
    const [x, y, w, h] = [box.x * width, box.y * height, box.w * width, box.h * height];
    const colour = LABEL_COLOURS[box.label] ?? '#ffffff';
    context.setLineDash(box.seen ? [] : [6 * scale, 4 * scale]);
    context.lineWidth = 4 * scale;
    context.strokeStyle = 'rgba(0, 0, 0, 0.6)';
    context.strokeRect(x, y, w, h);
    context.lineWidth = 2 * scale;
    context.strokeStyle = colour;
    context.strokeRect(x, y, w, h);
    const late = box.late_ms ? ` · ${t('video.late', { seconds: (box.late_ms / 1000).toFixed(1) })}` : '';
    const text = `${named('label', box.label)} ${Math.round(box.confidence * 100)}${late}`;
    const textWidth = context.measureText(text).width + 10 * scale;
    const lineHeight = 18 * scale;
    const top = y > lineHeight ? y - lineHeight : y + h;
    const left = Math.max(0, Math.min(x, width - textWidth));
    context.fillStyle = 'rgba(5, 10, 18, 0.82)';
    context.fillRect(left, top, textWidth, lineHeight);
    context.fillStyle = colour;
    context.fillText(text, left + 5 * scale, top + lineHeight / 2);
  }
  context.restore();
}
