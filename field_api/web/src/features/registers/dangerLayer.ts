/** Zones that are dangerous to people, on the desk's map; kept up by the live channel. */
import type VectorLayer from 'ol/layer/Vector';
import { pick } from '$shared/i18n/i18n.svelte';
import { refill } from '$shared/map/featureLayer';
import { now } from '$shared/now.svelte';
import { list, schemaOf } from './api';
import { dangerStyle, isOutline, outlineFeature } from './outlines';
import { rowsOf } from './rows';

const REGISTER = 'danger_zones';
const MOST = 1000;
const ALL = { q: '', sort: '', where: [], area: '', offset: 0 };

/** Fetch them, and draw them now and whenever one changes. */
export async function loadDangers(layer: VectorLayer): Promise<void> {
  const { rows, watchers } = rowsOf(REGISTER);
  rows.refill((await list(REGISTER, ALL, MOST)).rows);
  watchers.clear();
  watchers.add(() => void drawDangers(layer));
  await drawDangers(layer);
}

/** Those that have not ended: one that begins later is drawn broken. */
export async function drawDangers(layer: VectorLayer): Promise<void> {
  const kinds = (await schemaOf(REGISTER))?.columns.find(({ name }) => name === 'kind');
  const kindOf = (value: unknown) => {
    const at = kinds?.choices.indexOf(String(value)) ?? -1;
    return at < 0 ? String(value) : pick(kinds!.choices_zh[at]!, kinds!.choices_en[at]!);
  };
  const at = now.read();
  refill(
    layer,
    rowsOf(REGISTER).rows.all.flatMap((row) => {
      const { id, name, kind, begins_ms, ends_ms, outline } = row as typeof row & Record<string, unknown>;
      if (!isOutline(outline) || (typeof ends_ms === 'number' && ends_ms <= at)) return [];
      const current = typeof begins_ms !== 'number' || begins_ms <= at;
      return [outlineFeature(`${REGISTER} ${id}`, outline, dangerStyle(`▲ ${String(name)}\n${kindOf(kind)}`, current))];
    }),
  );
}
