/** A coordinate as somebody pastes it: “24.9415, 102.6185”, in either order, in decimal degrees. Pure. */
export interface Pasted {
  lat_deg: number;
  lon_deg: number;
}

/**
 * Return latitude and longitude; null where the text has not two decimal numbers of China. Map
 * services write either order: latitudes of China are 3°–54°, longitudes 73°–136°, so they can't be
 * taken for each other.
 */
export function pastedPlace(text: string): Pasted | null {
  const numbers = [...text.matchAll(/-?\d{1,3}\.\d+|-?\d{1,3}(?![\d.])/g)].map(([each]) => Number(each));
  if (numbers.length !== 2) return null;
  const [a, b] = numbers as [number, number];
  const [lat_deg, lon_deg] = a > b ? [b, a] : [a, b];
  return lat_deg >= 3 && lat_deg <= 54 && lon_deg >= 73 && lon_deg <= 136 ? { lat_deg, lon_deg } : null;
}
