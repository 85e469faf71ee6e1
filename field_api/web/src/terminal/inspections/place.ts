/** Where somebody was: a page that was killed opens again at the same place. */
import { router } from '../addresses';
import type { Casework } from './casework.svelte';

interface Place {
  address: string;
  top: number;
  atMs: number;
}
/** Older than this, one begins anew. */
const KEPT_MS = 12 * 3_600_000;
const START = '/terminal/';

/** Go where one was, unless an address was asked for. */
export function goBack(casework: Casework): void {
  const place = casework.notes.get<Place>('place');
  if (!place || Date.now() - place.atMs > KEPT_MS) return;
  if (typeof location !== 'undefined' && location.pathname === START && place.address !== START) router.go(place.address, { replace: true });
}

/** Remember where one is. */
export const remember = (casework: Casework, top: number): Promise<void> =>
  casework.notes.put('place', { address: location.pathname + location.search, top, atMs: Date.now() } satisfies Place);

/** How far down one was on this page, 0 on another. */
export function topOf(casework: Casework): number {
  const place = casework.notes.get<Place>('place');
  return place?.address === location.pathname + location.search ? place.top : 0;
}
