/** Drawings and pointers on the handheld's map: dark on light, told apart by shape, dashes and name. */
import Feature from 'ol/Feature';
import { Circle as Dot, Fill, RegularShape, Stroke, Style, Text } from 'ol/style';
import type { Drawing, Pointer } from '$shared/api/records';
import { clock } from '$shared/format';
import { t } from '$shared/i18n/i18n.svelte';
import { FONT } from '$shared/map/base';
import { geometryOf } from '../../features/plotting/shapes';
import type { Kind } from '../../features/plotting/kinds';
import '../../features/plotting/texts';

const FIRE = '#b0105f';
const RESOURCE = '#155c3b';
const MEANT = '#22303a';

const COLOURS: Record<Kind, string> = {
  fire_line: FIRE,
  fire_spot: FIRE,
  firebreak: MEANT,
  zone: MEANT,
  route: RESOURCE,
  escape_route: RESOURCE,
  staging: RESOURCE,
  command_post: RESOURCE,
  water: '#0a4f56',
  landing: '#0a4f56',
  place: MEANT,
  text: MEANT,
};
const DASHES: Partial<Record<Kind, number[]>> = { firebreak: [14, 5], zone: [3, 6], escape_route: [11, 7] };

const name = (text: string, offsetY: number, colour: string): Text =>
  new Text({
    text,
    offsetY,
    font: `600 14px ${FONT}`,
    fill: new Fill({ color: colour }),
    stroke: new Stroke({ color: 'rgba(255, 255, 255, 0.92)', width: 4 }),
    overflow: true,
  });

export function drawingMark(drawing: Drawing): Feature {
  const { kind, shape } = drawing;
  const colour = COLOURS[kind];
  const seen = drawing.observed_ms === null ? '' : ` ${clock(drawing.observed_ms, false)}`;
  const words = `${drawing.label || t(`plot.kind.${kind}`)}${seen}`;
  const feature = new Feature(geometryOf(shape));
  feature.setId(`drawing/${drawing.id}`);
  if (kind === 'text') {
    feature.setStyle(new Style({ text: name(words, 0, colour) }));
  } else if (shape.form === 'point') {
    const image = new RegularShape({ points: kind === 'fire_spot' ? 5 : 6, radius: 11, ...(kind === 'fire_spot' ? { radius2: 5 } : {}), fill: new Fill({ color: colour }), stroke: new Stroke({ color: '#fff', width: 2.5 }) });
    feature.setStyle(new Style({ image, text: name(words, 20, colour) }));
  } else {
    feature.setStyle([
      new Style({ stroke: new Stroke({ color: 'rgba(255, 255, 255, 0.9)', width: kind === 'fire_line' ? 8 : 6 }) }),
      new Style({
        stroke: new Stroke({ color: colour, width: kind === 'fire_line' ? 4.5 : 3, lineDash: DASHES[kind] }),
        ...(shape.form === 'area' ? { fill: new Fill({ color: kind === 'fire_line' ? 'rgba(176, 16, 95, 0.16)' : 'rgba(34, 48, 58, 0.06)' }) } : {}),
        text: name(words, 0, colour),
      }),
    ]);
  }
  return feature;
}

/** `share` of a turn: the ring widens and pales. */
export function pointerStyle({ author, text, pointed_ms }: Pointer, share: number): Style[] {
  const words = [author, clock(pointed_ms, false), text].filter(Boolean).join(' · ');
  return [
    new Style({
      image: new Dot({
        radius: 12 + 26 * share,
        stroke: new Stroke({ color: `rgba(138, 15, 85, ${(1 - 0.8 * share).toFixed(2)})`, width: 5 }),
        declutterMode: 'none',
      }),
      zIndex: 8,
    }),
    new Style({
      image: new Dot({ radius: 8, fill: new Fill({ color: '#8a0f55' }), stroke: new Stroke({ color: '#fff', width: 3 }), declutterMode: 'obstacle' }),
      text: name(words, 26, '#5d0838'),
      zIndex: 9,
    }),
  ];
}
