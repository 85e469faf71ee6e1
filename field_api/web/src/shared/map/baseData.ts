/** The ground's data: large and the same all day, so it is asked for once. */
import { ask, http } from '../api/client';
import type { MapBase } from '../api/records';

let asked: Promise<MapBase> | null = null;

/** The map base of this command post; a refusal is not kept. */
export function loadMapBase(): Promise<MapBase> {
  asked ??= (ask(http.GET('/api/v1/map/base')) as Promise<MapBase>).catch((problem: unknown) => {
    asked = null;
    throw problem;
  });
  return asked;
}
