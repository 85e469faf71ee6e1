/**
 * How drawings look: by kind, never by a chosen colour. Shape, dashes and words carry the meaning;
 * fires are pink, resources green, what is planned white. Red, orange, yellow and blue are the law's.
 */
import type Feature from 'ol/Feature';
import LineString from 'ol/geom/LineString';
import Polygon from 'ol/geom/Polygon';
import Point from 'ol/geom/Point';
import { Fill, Icon, Stroke, Style, Text } from 'ol/style';
import type { Drawing } from '$shared/api/records';
import { clock, hectares } from '$shared/format';
import { t } from '$shared/i18n/i18n.svelte';
import { label } from '$shared/map/symbols';
import { isFire, type Form, type Kind } from './kinds';

const FIRE = '#ff7ac4';
const RESOURCE = '#5fd896';
const MEANT = '#eef3f8';
const CASING = 'rgba(6, 10, 16, 0.85)';

const COLOURS: Record<Kind, string> = {
  fire_line: FIRE,
  fire_spot: FIRE,
  firebreak: MEANT,
  zone: MEANT,
  route: RESOURCE,
  escape_route: '#a8ffd0',
  staging: RESOURCE,
  command_post: RESOURCE,
  water: '#45d2d8',
  landing: '#45d2d8',
  place: MEANT,
  text: MEANT,
};

const DASHES: Partial<Record<Kind, number[]>> = {
  firebreak: [14, 5],
  zone: [3, 6],
  escape_route: [10, 7],
};

/** Drawn in a box of 24; the web's buttons show the same. */
const GLYPHS: Partial<Record<Kind, string>> = {
  fire_spot: '<path d="M12 3c1 4 6 6 6 11a6 6 0 0 1-12 0c0-2 1-4 2.500-5 0 2 .7 2.500 1.700 3 0-3 .3-6 1.800-9z"/>',
  staging: '<path d="M6 21V4h12l-3 4 3 4H8v9z"/>',
  command_post: '<path d="M4 20V9l8-6 8 6v11h-6v-6h-4v6z"/>',
  water: '<path d="M12 3c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11z"/>',
  landing: '<path d="M6 4h3v6h6V4h3v16h-3v-7H9v7H6z"/>',
  place: '<path d="M12 3l9 9-9 9-9-9z"/>',
  text: '<path d="M4 4h16v4h-2.500V7H13.500v11H16v2H8v-2h2.500V7H6.500v1H4z"/>',
};

const LINES: Partial<Record<Kind, string>> = {
  fire_line: '<path d="M3 15c2-7 7-10 11-8s8 1 7 6-7 8-12 7-7-2-6-5z" fill-opacity=".25" stroke-width="2.600"/>',
  firebreak: '<path d="M3 19 21 5" fill="none" stroke-width="3.500" stroke-dasharray="6 2.500"/>',
  zone: '<path d="M4 6l15-2 2 13-14 4z" fill-opacity=".12" stroke-width="2" stroke-dasharray="2 3"/>',
  route: '<path d="M3 20c5-1 4-8 9-9s4-6 9-7" fill="none" stroke-width="2.800"/>',
  escape_route: '<path d="M3 20 17 7M10 6h8v8" fill="none" stroke-width="2.800" stroke-dasharray="5 2"/>',
};

/** A kind's sign as SVG, for buttons and lists. */
export function signOf(kind: Kind): string {
  const colour = COLOURS[kind];
  const body = GLYPHS[kind] ? `<g fill="${colour}">${GLYPHS[kind]}</g>` : `<g fill="${colour}" stroke="${colour}" stroke-linejoin="round">${LINES[kind]}</g>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">${body}</svg>`;
}

const icons = new Map<string, Icon>();

function iconOf(kind: Kind, selected: boolean): Icon {
  const key = `${kind} ${selected}`;
  let made = icons.get(key);
  if (!made) {
    const svg =
      `<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 32 32"><rect x="2" y="2" width="28" height="28" rx="7" fill="#0d1622" stroke="${selected ? '#fff' : COLOURS[kind]}" stroke-width="${selected ? 3 : 1.800}"/>` +
      `<g transform="translate(4 4)" fill="${COLOURS[kind]}">${GLYPHS[kind]}</g></svg>`;
    made = new Icon({ src: `data:image/svg+xml,${encodeURIComponent(svg)}`, declutterMode: 'obstacle' });
    icons.set(key, made);
  }
  return made;
}

/** What stands beside a drawing on the map: its words, and what a fire line measures. */
export function wordsOf(drawing: Drawing): string {
  const { kind, area_m2 } = drawing;
  const name = drawing.label || t(`plot.kind.${kind}`);
  if (!isFire(kind) || drawing.observed_ms === null) return name;
  const size = area_m2 === null ? '' : ` ${hectaresOf(area_m2)} ha`;
  return `${name} ${clock(drawing.observed_ms, false)}${size}`;
}

/** Small fires in hundredths. */
export const hectaresOf = (m2: number): string => (m2 < 100_000 ? (m2 / 10_000).toFixed(2) : hectares(m2));

export function styleOf(drawing: Drawing, selected: boolean, older: boolean): Style[] {
  const { kind, shape } = drawing;
  const text = label(wordsOf(drawing), shape.form === 'point' ? 24 : 0, COLOURS[kind], kind === 'text');
  if (kind === 'text') {
    text.setOffsetY(0);
    if (selected) text.setBackgroundStroke(new Stroke({ color: '#fff', width: 1.5 }));
    return [new Style({ text })];
  }
  if (shape.form === 'point') return [new Style({ image: iconOf(kind, selected), text, zIndex: selected ? 2 : 1 })];
  return lined(kind, shape.form, text, selected, older);
}

function lined(kind: Kind, form: Form, text: Text, selected: boolean, older: boolean): Style[] {
  const width = (kind === 'fire_line' ? 4 : 3) - (older ? 1.8 : 0);
  const colour = selected ? '#ffffff' : COLOURS[kind];
  if (form === 'line') text.setPlacement('point');
  const styles = [
    new Style({ stroke: new Stroke({ color: CASING, width: width + 3 }) }),
    new Style({
      stroke: new Stroke({ color: colour, width, lineDash: older ? [6, 5] : DASHES[kind] }),
      ...(form === 'area' ? { fill: new Fill({ color: fillOf(kind, older) }) } : {}),
      ...(kind === 'fire_line' && form === 'area' ? {} : { text }),
    }),
  ];
  if (kind === 'fire_line' && form === 'area') styles.push(named(text));
  if (kind === 'escape_route' || kind === 'route') styles.push(arrowAt(colour));
  return styles;
}

/** At its northern edge: where it began stands the incident's pin. */
function named(text: Text): Style {
  text.setOffsetY(-12);
  return new Style({
    geometry: (feature) => {
      const area = (feature as Feature).getGeometry();
      if (!(area instanceof Polygon)) return undefined;
      const [, , , north] = area.getExtent() as [number, number, number, number];
      const top = area.getCoordinates()[0]!.find((corner) => corner[1] === north);
      return top && new Point(top);
    },
    text,
  });
}

function fillOf(kind: Kind, older: boolean): string {
  if (kind === 'fire_line') return older ? 'rgba(255, 122, 196, 0.05)' : 'rgba(255, 122, 196, 0.17)';
  return 'rgba(238, 243, 248, 0.07)';
}

/** Where a route leads to. */
function arrowAt(colour: string): Style {
  const style = new Style({
    geometry: (feature) => {
      const line = (feature as Feature).getGeometry();
      return line instanceof LineString ? new Point(line.getLastCoordinate()) : undefined;
    },
    renderer: (pixel, state) => {
      const line = (state.feature as Feature).getGeometry() as LineString;
      const [before, last] = line.getCoordinates().slice(-2) as [number[], number[]];
      const [x, y] = pixel as number[];
      const angle = Math.atan2(before[1]! - last[1]!, last[0]! - before[0]!);
      const { context, pixelRatio } = state;
      context.save();
      context.translate(x!, y!);
      context.rotate(angle);
      context.scale(pixelRatio, pixelRatio);
      context.beginPath();
      context.moveTo(8, 0);
      context.lineTo(-8, 7);
      context.lineTo(-8, -7);
      context.closePath();
      context.fillStyle = colour;
      context.fill();
      context.restore();
    },
  });
  return style;
}
