/** What a feature puts on the map: its layers, how they are redrawn, and what a click means. */
import type Feature from 'ol/Feature';
import type OlMap from 'ol/Map';
import type BaseLayer from 'ol/layer/Base';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import type { LatLon } from '../geodesy';
import type { MessageKey } from '../i18n/i18n.svelte';

export interface FeatureLayer {
  layers: BaseLayer[];
  /** What a person can switch on and off, by name; `shown` fetches what is not there yet. */
  switches: { key: MessageKey; layers: BaseLayer[]; on?: boolean; shown?: () => void }[];
  /** Each runs as an effect: reads records and redraws when they change. */
  effects: (() => void)[];
  /** Called once the map is there, for what takes part in clicks and keys; returns how to let go. */
  attach?: (map: OlMap) => () => void;
  /** Five times a second, for what moves. */
  tick?: (nowMs: number, ticks: number) => void;
  /** What a click on one of its symbols does. */
  picked?: { layers: BaseLayer[]; open: (id: string) => void };
  /** Places that "show everything" should show. */
  extent?: () => LatLon[];
}

/** From here on names of different layers share the room; those of upper layers come first. */
const FIRST_NAMED_LAYER = 14;

export const vectorLayer = (zIndex: number): VectorLayer =>
  new VectorLayer({
    source: new VectorSource(),
    zIndex,
    declutter: zIndex >= FIRST_NAMED_LAYER ? 'operation' : false,
  });

export function refill(layer: VectorLayer, features: Feature[]): void {
  const source = layer.getSource()!;
  source.clear(true);
  source.addFeatures(features);
}
