/** Words and white lines of the map in either theme: readable on dark relief and on light paper. */
import { Stroke, Style } from 'ol/style';
import { theme } from '../theme.svelte';

/** The tints of the dark map's words, as ink. Other colours become plain ink; meaning stands in shapes. */
const BY_DAY: Readonly<Record<string, string>> = {
  '#ff8ac9': '#8a0f55',
  '#ffd3ea': '#7a0a4a',
  '#ffe0f0': '#7a0a4a',
  '#e9d3b0': '#684a12',
  '#d3f7e2': '#0d5034',
  '#d9fbfc': '#05474d',
  '#ffd7d7': '#8f0f0f',
};

/** The colour of a word that is `colour` on the dark map, and of the edge around it. */
export const inkOf = (colour: string): { word: string; edge: string } =>
  theme.current === 'dark'
    ? { word: colour, edge: 'rgba(6, 10, 16, 0.9)' }
    : { word: BY_DAY[colour] ?? '#10202f', edge: 'rgba(255, 255, 255, 0.92)' };

/** Under a white line: on light ground its edges are what is seen of it. */
export const casing = new Style({ stroke: new Stroke({ color: 'rgba(6, 10, 16, 0.75)', width: 4 }) });
