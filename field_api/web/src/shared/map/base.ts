/** The ground under every map: shaded relief, contours, lake, names; all from the command post. */
import type Feature from 'ol/Feature';
import GeoJSON from 'ol/format/GeoJSON';
import ImageLayer from 'ol/layer/Image';
import VectorLayer from 'ol/layer/Vector';
import VectorImageLayer from 'ol/layer/VectorImage';
import { fromLonLat, toLonLat, transformExtent } from 'ol/proj';
import ImageStatic from 'ol/source/ImageStatic';
import VectorSource from 'ol/source/Vector';
import { Fill, Stroke, Style, Text } from 'ol/style';
import type { StyleFunction } from 'ol/style/Style';
import { API } from '../api/client';
import type { MapBase } from '../api/records';
import { pick } from '../i18n/i18n.svelte';

export type Theme = 'dark' | 'light';

interface Palette {
  ground: string;
  lake: string;
  lakeEdge: string;
  contour: string;
  indexContour: string;
  outline: string;
  name: string;
  minorName: string;
  halo: string;
  water: string;
}

const PALETTES: Record<Theme, Palette> = {
  dark: {
    ground: '#0d151f',
    lake: '#12273a',
    lakeEdge: '#2d506d',
    contour: 'rgba(190, 210, 230, 0.10)',
    indexContour: 'rgba(190, 210, 230, 0.24)',
    outline: 'rgba(214, 226, 240, 0.45)',
    name: '#cfdbe8',
    minorName: '#a5b5c7',
    halo: 'rgba(8, 13, 20, 0.85)',
    water: '#7fa8c9',
  },
  light: {
    ground: '#e9ece6',
    lake: '#c9dfe9',
    lakeEdge: '#7da7bd',
    contour: 'rgba(90, 70, 40, 0.18)',
    indexContour: 'rgba(90, 70, 40, 0.4)',
    outline: 'rgba(60, 60, 60, 0.5)',
    name: '#22303a',
    minorName: '#44525c',
    halo: 'rgba(255, 255, 255, 0.9)',
    water: '#2f6a88',
  },
};

export const FONT = "'Noto Sans SC', 'WenQuanYi Zen Hei', sans-serif";

export interface BaseLayers {
  relief: ImageLayer<ImageStatic>;
  water: VectorImageLayer;
  contours: VectorImageLayer;
  outline: VectorImageLayer;
  names: VectorLayer;
  extent: [number, number, number, number];
  reliefUrl: string;
}

const format = new GeoJSON({ featureProjection: 'EPSG:3857' });

/** Ground that never changes is drawn to a picture once per view, not with every moving drone. */
function ground(features: Feature[], zIndex: number, style: Style | StyleFunction) {
  return new VectorImageLayer({ source: new VectorSource({ features }), style, zIndex });
}

const textOf = (feature: { get(key: string): unknown }): string =>
  pick(String(feature.get('name_zh') ?? feature.get('name') ?? ''), String(feature.get('name_en') ?? ''));

export function baseLayers(base: MapBase, theme: Theme): BaseLayers {
  const colours = PALETTES[theme];
  const read = (collection: unknown): Feature[] => format.readFeatures(collection) as Feature[];
  const extent = base.relief.extent_mercator as [number, number, number, number];
  const picture = theme === 'dark' ? base.relief.dark_url : base.relief.light_url;
  const reliefUrl = picture.startsWith('/') ? picture : `${API}/map/${picture}`;
  const relief = new ImageLayer({
    source: new ImageStatic({
      url: reliefUrl,
      imageExtent: extent,
      projection: 'EPSG:3857',
      attributions: base.attribution.map((a) => pick(a.text_zh, a.text_en)),
    }),
    zIndex: 0,
  });
  const water = ground(read(base.lake), 1, new Style({
    fill: new Fill({ color: colours.lake }),
    stroke: new Stroke({ color: colours.lakeEdge, width: 1.2 }),
  }));
  const contours = ground(read(base.contours), 2, (feature, resolution) => {
    const index = Boolean(feature.get('index'));
    if (!index && resolution > 40) return undefined;
    return new Style({
      stroke: new Stroke({
        color: index ? colours.indexContour : colours.contour,
        width: index ? 1.2 : 0.8,
      }),
      text:
        index && resolution < 22
          ? new Text({
              text: String(feature.get('altitude_amsl_m') ?? ''),
              placement: 'line',
              font: `10px ${FONT}`,
              fill: new Fill({ color: colours.minorName }),
              stroke: new Stroke({ color: colours.halo, width: 2 }),
            })
          : undefined,
    });
  });
  const outline = ground(read(base.outline), 3, new Style({
    stroke: new Stroke({ color: colours.outline, width: 1.4, lineDash: [8, 6] }),
  }));
  const names = new VectorLayer({
    source: new VectorSource({ features: [...read(base.streets), ...read(base.places)] }),
    zIndex: 4,
    declutter: 'names',
    style: (feature, resolution) => {
      const street = feature.get('kind') !== undefined || feature.get('code') !== undefined;
      if (!street && resolution > 120) return undefined;
      return new Style({
        text: new Text({
          text: textOf(feature),
          font: `${street ? '600 13px' : '12px'} ${FONT}`,
          fill: new Fill({ color: street ? colours.name : colours.minorName }),
          stroke: new Stroke({ color: colours.halo, width: 3 }),
          overflow: true,
        }),
      });
    },
  });
  return { relief, water, contours, outline, names, extent, reliefUrl };
}

export const groundColour = (theme: Theme): string => PALETTES[theme].ground;
export const toMap = (lon: number, lat: number): number[] => fromLonLat([lon, lat]);
export const fromMap = (coordinate: number[]): { lat_deg: number; lon_deg: number } => {
  const [lon, lat] = toLonLat(coordinate) as [number, number];
  return { lat_deg: lat, lon_deg: lon };
};
export const lonLatExtent = (extent: number[]): number[] =>
  transformExtent(extent, 'EPSG:3857', 'EPSG:4326');
