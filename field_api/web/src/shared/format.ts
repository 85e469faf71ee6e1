/** Figures as people read them: metres and hectares, 24-hour local time. */
const two = (n: number): string => String(n).padStart(2, '0');

/** Local wall time, `14:32:07` or `14:32`. */
export function clock(tMs: number, seconds = true): string {
  const d = new Date(tMs);
  const hm = `${two(d.getHours())}:${two(d.getMinutes())}`;
  return seconds ? `${hm}:${two(d.getSeconds())}` : hm;
}

/** Local date and time, `2025-03-15 14:32:07`. */
export function dateTime(tMs: number): string {
  const d = new Date(tMs);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${clock(tMs)}`;
}

/** `850 m`, `2.28 km`. */
export function distance(metres: number): string {
  if (metres < 1000) return `${Math.round(metres)} m`;
  return `${(metres / 1000).toFixed(metres < 10_000 ? 2 : 1)} km`;
}

/** `58:12` minutes and seconds, `1:02:05` with hours. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const h = Math.floor(s / 3600);
  const m = Math.floor(s / 60) % 60;
  return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

export const hectares = (m2: number): string => (m2 / 10_000).toFixed(1);
/** 亩: 1 ha is 15 of them. */
export const mu = (m2: number): string => Math.round((m2 / 10_000) * 15).toString();
export const percent = (fraction: number): string => `${Math.round(fraction * 100)} %`;
export const bearing = (deg: number): string => `${String(Math.round(deg) % 360).padStart(3, '0')}°`;
export const degrees = (lat: number, lon: number): string =>
  `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
