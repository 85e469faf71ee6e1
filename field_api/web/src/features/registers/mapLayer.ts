/** The registers that have places, on the desk's map once somebody asks for them. */
import type VectorLayer from 'ol/layer/Vector';
import { refill } from '$shared/map/featureLayer';
import { router } from '$shared/router/console';
import { list, loadSchemas } from './api';
import { rowFeatures } from './rowFeatures';
import { rowsOf } from './rows';
import './texts';

/** More would hide what the desk is about. */
const MOST = 1000;

const watched = new Set<string>();

/** Fill `layer` with the entries of all registers that say they belong on a map, and keep it so. */
export async function fillRegisterLayer(layer: VectorLayer): Promise<void> {
  const schemas = (await loadSchemas()).filter((schema) => schema.map && schema.name !== 'danger_zones'); // drawn by a layer of its own
  const asked = { q: '', sort: '', where: [], area: '', offset: 0 };
  const draw = () =>
    refill(layer, schemas.flatMap((schema) => rowFeatures(schema, rowsOf(schema.name).rows.all)));
  for (const { name } of schemas) {
    const { rows, watchers } = rowsOf(name);
    rows.putAll((await list(name, asked, MOST)).rows);
    if (!watched.has(name)) watchers.add(draw);
    watched.add(name);
  }
  draw();
}

/** Lead to the entry that was clicked; Back leads to the desk as it was. */
export function openEntry(featureId: string): void {
  const [register, id] = featureId.split(' ') as [string, string];
  router.go(router.href('register-entry', { name: register, id }));
}
