/** What is said of a thing of a file, in figures. */
import { distance, hectares } from '$shared/format';
import { named, t } from '$shared/i18n/i18n.svelte';
import type { Thing } from './uses';

const NAMES_SHOWN = 6;

export function figuresOf(thing: Thing): string {
  const parts: string[] = [];
  if (thing.fence) parts.push(named('files.fence', thing.fence.kind));
  if (thing.area_m2 != null) parts.push(`${hectares(thing.area_m2)} ha`);
  if (thing.fence?.radius_m) parts.push(t('files.radius', { metres: Math.round(thing.fence.radius_m) }));
  if (thing.length_m != null && thing.lines.length) parts.push(distance(thing.length_m));
  if (thing.mission) parts.push(thing.mission.system === 'dji' ? 'DJI' : 'MAVLink', t('files.items', { count: thing.mission.items }));
  else if (thing.places.length) parts.push(t('files.places', { count: thing.places.length }));
  else if (!thing.fence?.radius_m) parts.push(t('files.corners', { count: thing.corners }));
  if (thing.kind === 'area' && thing.rings.length > 1) parts.push(t('files.holes', { count: thing.rings.length - 1 }));
  if (thing.closed) parts.push(t('files.closed'));
  if (thing.mission) {
    const height = thing.mission.return_height_m;
    parts.push(height == null ? t('files.no-return-height') : t('files.return-height', { metres: Math.round(height) }));
  }
  const names = thing.places.map((place) => place.name).filter(Boolean);
  if (names.length) parts.push(names.slice(0, NAMES_SHOWN).join(', ') + (names.length > NAMES_SHOWN ? ' …' : ''));
  return parts.join(' · ');
}
