/** Makes the page open without a network: service worker, and the map fetched into its cache. */
import { API } from '$shared/api/client';

const MAP_CACHE = 'xunshan-map-base';

export async function registerWorker(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  await navigator.serviceWorker.register('/terminal/sw.js', { scope: '/terminal/' });
}

/** Fetch the map once, so that it is there when the network is not. */
export async function keepMap(reliefUrl: string): Promise<void> {
  if (typeof caches === 'undefined') return;
  const cache = await caches.open(MAP_CACHE);
  for (const url of [`${API}/map/base`, reliefUrl]) {
    if (!(await cache.match(url))) await cache.add(url);
  }
}
