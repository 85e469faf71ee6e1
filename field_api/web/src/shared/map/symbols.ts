/**
 * Map symbols, drawn as SVG. Shape and text carry the meaning, colour repeats it: an event is red,
 * a resource green (GB/T 35649); aircraft have colours of their own.
 */
import Feature from 'ol/Feature';
import Point from 'ol/geom/Point';
import { Fill, Icon, Stroke, Style, Text } from 'ol/style';
import type { LinkState } from '../api/live';
import { FONT } from './base';
import { inkOf } from './ink';

const icons = new Map<string, Icon>();

/** An icon for `svg`, made once; rotation needs an icon of its own. */
function icon(svg: string, scale = 1): Icon {
  const key = `${scale}${svg}`;
  let made = icons.get(key);
  if (!made) {
    // Icons are always drawn; names make room for them and for each other.
    made = new Icon({
      src: `data:image/svg+xml,${encodeURIComponent(svg)}`,
      scale,
      declutterMode: 'obstacle',
    });
    icons.set(key, made);
  }
  return made;
}

const svg = (size: number, body: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${size} ${size}">${body}</svg>`;

export function label(text: string, offsetY: number, colour: string, bold = false): Text {
  const { word, edge } = inkOf(colour);
  return new Text({
    text,
    offsetY,
    font: `${bold ? '600 ' : ''}12px ${FONT}`,
    fill: new Fill({ color: word }),
    stroke: new Stroke({ color: edge, width: 3.5 }),
    overflow: true,
  });
}

export function pointFeature(id: string, at: number[], kind: string): Feature<Point> {
  const feature = new Feature(new Point(at));
  feature.setId(id);
  feature.set('kind', kind);
  return feature;
}

export interface DroneLook {
  colour: string;
  heading_deg: number;
  /** Share of the battery left, null where unknown. */
  battery: number | null;
  link: LinkState;
  selected: boolean;
  airborne: boolean;
  text: string;
}

const STALE_COLOUR = '#8996a6';

/** A drone: nose arrow for heading, ring for battery, dashes and grey when its news is old. */
export function droneStyle(look: DroneLook): Style[] {
  const colour = look.link === 'live' ? look.colour : STALE_COLOUR;
  const turn = 2 * Math.PI * 19;
  const share = look.battery ?? 1;
  // Battery is read in steps so that a few icons serve a whole flight.
  const filled = (Math.round(share * 20) / 20) * turn;
  const dashes = look.link === 'live' ? `${filled} ${turn}` : '5 4';
  const ring = svg(
    56,
    `${look.selected ? `<circle cx="28" cy="28" r="26" fill="none" stroke="#fff" stroke-width="1.6" stroke-dasharray="7 4"/>` : ''}` +
      `<circle cx="28" cy="28" r="19" fill="rgba(8,13,20,.72)" stroke="rgba(255,255,255,.22)" stroke-width="3"/>` +
      `<circle cx="28" cy="28" r="19" fill="none" stroke="${colour}" stroke-width="3" stroke-dasharray="${dashes}" transform="rotate(-90 28 28)"/>` +
      (look.link === 'lost'
        ? `<g stroke="#ff8ac9" stroke-width="3"><path d="M42 8l10 10M52 8L42 18"/></g>`
        : ''),
  );
  const nose = svg(
    40,
    look.airborne
      ? `<path d="M20 6 31 32 20 26 9 32z" fill="${colour}" stroke="#071018" stroke-width="1.5" stroke-linejoin="round"/>`
      : `<path d="M20 6 31 32 20 26 9 32z" fill="#0b131d" stroke="${colour}" stroke-width="2.4" stroke-linejoin="round"/>`,
  );
  const step = Math.round(look.heading_deg / 3) * 3;
  const arrow = icon(nose).clone();
  arrow.setRotation((step * Math.PI) / 180);
  return [
    new Style({ image: icon(ring), zIndex: 1 }),
    new Style({
      image: arrow,
      zIndex: 2,
      text: label(look.text, 36, look.link === 'lost' ? '#ff8ac9' : '#f1f6fc', true),
    }),
  ];
}

const GLYPHS: Record<string, string> = {
  fire: '<path d="M20 8c1 5 7 7 7 14a7 7 0 0 1-14 0c0-3 1.500-5 3-6.500 0 2 .8 3 2 3.500 0-4 .5-8 2-11z" fill="#fff"/>',
  missing_people:
    '<circle cx="20" cy="14" r="4" fill="#fff"/><path d="M12.500 28c0-5 3-8.500 7.500-8.500s7.500 3.500 7.500 8.500z" fill="#fff"/>',
  other: '<path d="M18.300 10h3.400l-.6 11h-2.200z" fill="#fff"/><circle cx="20" cy="25.500" r="2" fill="#fff"/>',
};

/** An incident: the event red of GB/T 35649 in a pin that points to the place. */
export function incidentStyle(kind: string, title: string, current: boolean): Style {
  const pin = svg(
    48,
    `<g transform="translate(4 0)"><path d="M20 46 9 31a15 15 0 1 1 22 0z" fill="#d8232a" stroke="#fff" stroke-width="${current ? 2.5 : 1.2}"/>` +
      `<g transform="translate(0 1)">${GLYPHS[kind] ?? GLYPHS.other}</g></g>`,
  );
  const image = icon(pin).clone();
  image.setDisplacement([0, 22]);
  return new Style({ image, text: label(title, 14, '#ffffff', true), zIndex: current ? 3 : 2 });
}

/** Several incidents that would cover each other: as many as the words say. */
export function gatheredStyle(words: string): Style {
  const disc = svg(
    44,
    '<circle cx="22" cy="22" r="20" fill="rgba(216,35,42,.3)"/>' +
      '<circle cx="22" cy="22" r="14" fill="#d8232a" stroke="#fff" stroke-width="1.500"/>',
  );
  return new Style({ image: icon(disc), text: label(words, 0, '#ffffff', true), zIndex: 2 });
}

/** A handheld: a green rounded square, a resource. */
export function terminalStyle(text: string, fresh: boolean, busy: boolean): Style {
  const square = svg(
    28,
    `<rect x="4" y="4" width="20" height="20" rx="5" fill="${fresh ? '#1f7a4d' : '#33424c'}" stroke="${fresh ? '#8ff0bd' : '#9aa8b4'}" stroke-width="2" ${fresh ? '' : 'stroke-dasharray="3 2.500"'}/>` +
      (busy
        ? '<path d="M9 14.500l3.500 3.500 6.500-8" fill="none" stroke="#fff" stroke-width="2.400"/>'
        : '<rect x="11" y="8" width="6" height="11" rx="1.500" fill="#fff"/>'),
  );
  return new Style({ image: icon(square), text: label(text, 22, fresh ? '#d3f7e2' : '#b6c2cc') });
}

/** A lead from the air: diamond for smoke, circle for a person; hollow until confirmed. */
export function detectionStyle(
  kind: string,
  confirmed: boolean,
  selected: boolean,
  text: string,
): Style {
  const fill = confirmed ? '#ffffff' : '#3d1a30';
  const edge = confirmed ? '#ffffff' : '#ff8ac9';
  const ink = confirmed ? '#2a1020' : '#ffd3ea';
  const shape =
    kind === 'smoke'
      ? `<path d="M18 3 33 18 18 33 3 18z" fill="${fill}" stroke="${edge}" stroke-width="2.400"/>` +
        `<path d="M10 20c0-3 3-4 4.500-3.200C15 14 20 13 21.500 16c3-.5 4.500 1.500 4.500 4z" fill="${ink}"/>`
      : `<circle cx="18" cy="18" r="13.500" fill="${fill}" stroke="${edge}" stroke-width="2.400"/>` +
        `<circle cx="18" cy="14" r="3.400" fill="${ink}"/><path d="M11.500 25c0-4 2.600-7 6.500-7s6.500 3 6.500 7z" fill="${ink}"/>`;
  const halo = selected
    ? '<rect x=".8" y=".8" width="34.400" height="34.400" rx="6" fill="none" stroke="#fff" stroke-width="1.500" stroke-dasharray="5 3"/>'
    : '';
  return new Style({
    image: icon(svg(36, halo + shape)),
    text: label(text, 26, confirmed ? '#ffffff' : '#ffd3ea'),
    zIndex: selected ? 3 : 1,
  });
}

/** A quick report that waits: a speech bubble pointing to the place. */
export function reportStyle(text: string, selected: boolean): Style {
  const bubble = svg(
    36,
    `<path d="M4 4h28v20H21l-3 7-3-7H4z" fill="#3d1a30" stroke="${selected ? '#fff' : '#ff8ac9'}" stroke-width="2.400" stroke-linejoin="round"/>` +
      '<path d="M16.500 8h3l-.5 8h-2z" fill="#ffd3ea"/><circle cx="18" cy="19.500" r="1.700" fill="#ffd3ea"/>',
  );
  const image = icon(bubble).clone();
  image.setDisplacement([0, 13]);
  return new Style({ image, text: label(text, 14, '#ffd3ea'), zIndex: selected ? 3 : 2 });
}

/** Somebody asks to see a place: an eye over it. */
export function viewRequestStyle(text: string, selected: boolean): Style {
  const eye = svg(
    36,
    `<path d="M2 16C7 8 12 5 18 5s11 3 16 11c-5 8-10 11-16 11S7 24 2 16z" fill="#3d1a30" stroke="${selected ? '#fff' : '#ff8ac9'}" stroke-width="2.400" stroke-linejoin="round"/>` +
      '<circle cx="18" cy="16" r="6" fill="none" stroke="#ffd3ea" stroke-width="2.400"/><circle cx="18" cy="16" r="2" fill="#ffd3ea"/>',
  );
  return new Style({ image: icon(eye), text: label(text, 26, '#ffd3ea'), zIndex: selected ? 3 : 2 });
}

/** Somebody calls for help: a ringed square with the letters, larger than all else. */
export function sosStyle(text: string): Style {
  const mark = svg(
    72,
    '<circle cx="36" cy="36" r="33" fill="rgba(255,138,201,.16)" stroke="#ff8ac9" stroke-width="2.400" stroke-dasharray="7 5"/>' +
      '<rect x="13" y="23" width="46" height="26" rx="6" fill="#7a0f4c" stroke="#fff" stroke-width="2.400"/>' +
      '<text x="36" y="42" text-anchor="middle" font-family="sans-serif" font-size="17" font-weight="800" fill="#fff">SOS</text>',
  );
  return new Style({ image: icon(mark), text: label(text, 46, '#ffffff', true), zIndex: 9 });
}

/** A named place of the operation. */
export function placeStyle(text: string): Style {
  const dot = svg(
    16,
    '<rect x="4.500" y="4.500" width="7" height="7" transform="rotate(45 8 8)" fill="#0a1018" stroke="#dfe8f2" stroke-width="1.600"/>',
  );
  return new Style({ image: icon(dot), text: label(text, -18, '#c4d1df') });
}
