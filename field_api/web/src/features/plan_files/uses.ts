/** What the things of a file can be used as, and what a choice makes of them. */
import type { Pattern } from '$shared/api/records';
import type { components } from '$shared/api/schema';
import type { LatLon } from '$shared/geodesy';
import type { MessageKey } from '$shared/i18n/i18n.svelte';
import type { Ring } from '$shared/rings';
import { shareHoles, type Outline } from '../plans/outlines';
import { thinned } from './thinning';

export type FileContents = components['schemas']['FileView'];
export type Thing = components['schemas']['ThingView'];

export type Use = 'area' | 'hole' | 'line' | 'places' | 'show' | 'skip';

/** As much as one plan takes. */
const MOST_AREAS = 101;
const MOST_HOLES = 100;
const MOST_LINES = 20;
const MOST_LINE_POINTS = 2000;
const MOST_PLACES = 200;

/** What a thing can be used as; what can be looked at only begins with `show`. */
export function usesOf(thing: Thing): Use[] {
  switch (thing.kind) {
    case 'area':
      return ['area', 'hole', 'show', 'skip'];
    case 'path':
      return thing.closed ? ['area', 'hole', 'line', 'show', 'skip'] : ['line', 'show', 'skip'];
    case 'points':
      return ['places', 'show', 'skip'];
    case 'fence':
      return ['show', thing.fence?.kind === 'include' ? 'area' : 'hole', 'skip'];
    case 'mission':
      return thing.lines.length ? ['show', 'line', 'skip'] : ['skip'];
    default:
      return ['show', 'skip'];
  }
}

/** What suggests itself: areas are searched; without one a single line is flown, or the points. */
export function suggested(things: Thing[]): Use[] {
  const count = (kind: Thing['kind']) => things.filter((thing) => thing.kind === kind).length;
  const areas = count('area');
  const paths = count('path');
  return things.map((thing) => {
    const [first] = usesOf(thing);
    if (thing.kind === 'area') return areas <= MOST_AREAS ? 'area' : 'show';
    if (thing.kind === 'path') return areas || paths > 1 ? 'show' : first!;
    if (thing.kind === 'points') return areas || paths || thing.places.length > MOST_PLACES ? 'show' : 'places';
    return first!;
  });
}

/** What a file gives to the search. */
export interface Taken {
  outlines: Outline[];
  /** Holes for the area that is drawn already: the file brings none. */
  holes: Ring[];
  pattern: Pattern | null;
  /** Looked at only. */
  shown: Thing[];
  /** By how much the thinned lines differ from the file's; null where all are whole. */
  thinnedByM: number | null;
}

export class CannotUse extends Error {
  constructor(
    readonly key: MessageKey,
    readonly values: Record<string, number> = {},
  ) {
    super(key);
  }
}

/** Every position of a thing. */
export const placesOf = (thing: Thing): LatLon[] => [...thing.rings.flat(), ...thing.lines.flat(), ...thing.places];

const toRing = (ring: LatLon[]): Ring => ring.map((p) => [p.lon_deg, p.lat_deg]);
const place = ({ lat_deg, lon_deg }: LatLon): LatLon => ({ lat_deg, lon_deg });
/** The outline of an area or fence, or of a line that ends where it begins. */
const outerOf = (thing: Thing): Ring => toRing(thing.rings[0] ?? thing.lines[0]!.slice(0, -1));

/**
 * What the choice makes of the things.
 *
 * @throws CannotUse: it can't be one search, or is more than one plan takes; nothing is left out.
 */
export function takenOf(things: Thing[], uses: Use[], hasArea: boolean): Taken {
  const as = (use: Use) => things.filter((_, at) => uses[at] === use);
  const areas = as('area');
  const holeRings = as('hole').map((thing) => outerOf(thing));
  const lines = as('line').flatMap((thing) => thing.lines);
  const places = as('places').flatMap((thing) => thing.places);
  if (Number(areas.length > 0) + Number(lines.length > 0) + Number(places.length > 0) > 1) {
    throw new CannotUse('files.one-search');
  }
  if (holeRings.length && !areas.length && !hasArea) throw new CannotUse('files.hole-without-area');
  if (areas.length > MOST_AREAS) throw new CannotUse('files.too-many-areas', { count: areas.length, most: MOST_AREAS });
  if (lines.length > MOST_LINES) throw new CannotUse('files.too-many-lines', { count: lines.length, most: MOST_LINES });
  if (places.length > MOST_PLACES) throw new CannotUse('files.too-many-places', { count: places.length, most: MOST_PLACES });
  const holes = [...areas.flatMap((thing) => thing.rings.slice(1).map(toRing)), ...holeRings];
  if (holes.length > MOST_HOLES) throw new CannotUse('files.too-many-holes', { count: holes.length, most: MOST_HOLES });
  const fewer = lines.map((line) => thinned(line.map(place), MOST_LINE_POINTS));
  const moved = fewer.flatMap((line) => (line.movedM > 0 ? [line.movedM] : []));
  return {
    outlines: shareHoles(areas.map((thing) => outerOf(thing)), holes),
    holes: areas.length ? [] : holes,
    pattern: patternOf(fewer.map((line) => line.points), places.map(place)),
    shown: as('show'),
    thinnedByM: moved.length ? Math.max(...moved) : null,
  };
}

function patternOf(lines: LatLon[][], places: LatLon[]): Pattern | null {
  const [first, ...others] = lines;
  if (others.length) return { kind: 'tracks', tracks: lines };
  if (first) return { kind: 'track_line', path: first, passes: 2 };
  return places.length ? { kind: 'points', places, hold_s: 10 } : null;
}
