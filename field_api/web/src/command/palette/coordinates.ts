/**
 * Coordinates as people type and paste them: decimal degrees or degrees, minutes and seconds, WGS-84.
 * Latitude first unless the letters say otherwise, or the first number can only be a longitude.
 */
import type { LatLon } from '$shared/geodesy';

interface Angle {
  deg: number;
  /** Of which kind, where a letter or a word says so. */
  axis: 'lat' | 'lon' | null;
}

const NUMBER = String.raw`\d+(?:\.\d+)?`;
const BEFORE = '北纬|南纬|东经|西经|[NSEW]';
const SIZE = String.raw`([+-]?${NUMBER})\s*(?:[°度]\s*(?:(${NUMBER})\s*['′分]\s*(?:(${NUMBER})\s*(?:"|″|''|秒))?)?)?`;
/** The side stands before its angle or after it, never on both: "N24 E102" is two angles. */
const ANGLE = new RegExp(String.raw`(?:(${BEFORE})\s*${SIZE}|${SIZE}(?:\s*([NSEW]))?)`, 'iy');
const SIDES: Readonly<Record<string, readonly ['lat' | 'lon', 1 | -1]>> = {
  N: ['lat', 1], S: ['lat', -1], E: ['lon', 1], W: ['lon', -1],
  北纬: ['lat', 1], 南纬: ['lat', -1], 东经: ['lon', 1], 西经: ['lon', -1],
};

function readAngle(found: RegExpExecArray): Angle | null {
  const [, before, , , , , , , after] = found;
  const [degrees, minutes, seconds] = before ? found.slice(2, 5) : found.slice(5, 8);
  const [min, sec] = [Number(minutes ?? 0), Number(seconds ?? 0)];
  const whole = Number(degrees);
  if (min >= 60 || sec >= 60 || (minutes && !Number.isInteger(whole))) return null;
  const side = SIDES[(before ?? after ?? '').toUpperCase()];
  if (side && /^[+-]/.test(degrees!)) return null;
  const size = Math.abs(whole) + min / 60 + sec / 3600;
  const sign = side ? side[1] : degrees!.startsWith('-') ? -1 : 1;
  return { deg: sign * size, axis: side?.[0] ?? null };
}

/** The place that was typed, null where it is none: half a pair, or beyond the poles. */
export function readCoordinates(typed: string): LatLon | null {
  const text = typed.trim();
  const angles: Angle[] = [];
  let at = 0;
  while (at < text.length) {
    ANGLE.lastIndex = at;
    const found = ANGLE.exec(text);
    const angle = found && readAngle(found);
    if (!found || !angle || angles.length === 2) return null;
    angles.push(angle);
    at = ANGLE.lastIndex;
    const between = /[\s,,;;、]*/y;
    between.lastIndex = at;
    at += between.exec(text)![0].length;
  }
  const [first, second] = angles;
  if (!first || !second || (first.axis && first.axis === second.axis)) return null;
  const turned = first.axis === 'lon' || second.axis === 'lat' || (!first.axis && !second.axis && Math.abs(first.deg) > 90);
  const [lat, lon] = turned ? [second, first] : [first, second];
  if (Math.abs(lat.deg) > 90 || Math.abs(lon.deg) > 180) return null;
  return { lat_deg: lat.deg, lon_deg: lon.deg };
}
