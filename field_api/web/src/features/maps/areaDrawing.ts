/** Drawing and editing the search area, and measuring; positions go out as longitude, latitude. */
import Feature from 'ol/Feature';
import type OlMap from 'ol/Map';
import LineString from 'ol/geom/LineString';
import Polygon from 'ol/geom/Polygon';
import Draw from 'ol/interaction/Draw';
import Modify from 'ol/interaction/Modify';
import Snap from 'ol/interaction/Snap';
import VectorLayer from 'ol/layer/Vector';
import { toLonLat } from 'ol/proj';
import VectorSource from 'ol/source/Vector';
import { getLength } from 'ol/sphere';
import { Circle as Dot, Fill, Stroke, Style } from 'ol/style';
import { distance } from '$shared/format';
import { toMap } from '$shared/map/base';
import { casing } from '$shared/map/ink';
import type { Ring } from '$shared/rings';
import { label } from '$shared/map/symbols';

const vertex = new Style({
  image: new Dot({
    radius: 6,
    fill: new Fill({ color: '#0a1018' }),
    stroke: new Stroke({ color: '#ffffff', width: 2 }),
  }),
});
const areaLook = new Style({
  stroke: new Stroke({ color: '#ffffff', width: 2 }),
  fill: new Fill({ color: 'rgba(255, 255, 255, 0.10)' }),
});
const areaStyle = [casing, areaLook];

const openRing = (coordinates: number[][]): Ring =>
  coordinates.slice(0, -1).map((c) => toLonLat(c) as [number, number]);
const closedRing = (ring: Ring): number[][] => [...ring, ring[0]!].map(([lon, lat]) => toMap(lon, lat));

export class AreaDrawing {
  readonly layer: VectorLayer;
  #source = new VectorSource();
  #draw: Draw | null = null;
  #modify: Modify;

  constructor(
    private readonly map: OlMap,
    private readonly onArea: (area: Ring | null, holes: Ring[]) => void,
    private readonly onFinished: () => void,
  ) {
    this.layer = new VectorLayer({ source: this.#source, style: areaStyle, zIndex: 20 });
    map.addLayer(this.layer);
    this.#modify = new Modify({ source: this.#source, style: vertex });
    this.#modify.on('modifyend', () => this.#tell());
    map.addInteraction(this.#modify);
    map.addInteraction(new Snap({ source: this.#source }));
  }

  get #area(): Feature<Polygon> | null {
    return (this.#source.getFeatureById('area') as Feature<Polygon> | null) ?? null;
  }

  set editable(on: boolean) {
    this.#modify.setActive(on);
  }

  /** Show an area that came from elsewhere (a proposal, a stored plan). */
  show(area: Ring | null, holes: Ring[]): void {
    this.#source.clear();
    if (!area || area.length < 3) return;
    const feature = new Feature(new Polygon([closedRing(area), ...holes.map(closedRing)]));
    feature.setId('area');
    this.#source.addFeature(feature);
  }

  drawArea(): void {
    this.#begin('Polygon', (drawn) => {
      this.#source.clear();
      const feature = new Feature(drawn as Polygon);
      feature.setId('area');
      this.#source.addFeature(feature);
    });
  }

  drawHole(): void {
    this.#begin('Polygon', (drawn) => {
      this.#area?.getGeometry()?.appendLinearRing((drawn as Polygon).getLinearRing(0)!);
    });
  }

  measure(): void {
    this.#begin('LineString', (drawn) => {
      const old = this.#source.getFeatureById('measure');
      if (old) this.#source.removeFeature(old);
      const feature = new Feature(drawn);
      feature.setId('measure');
      feature.setStyle((f) => measureStyle((f as Feature<LineString>).getGeometry()!));
      this.#source.addFeature(feature);
    });
  }

  stop(): void {
    if (this.#draw) this.map.removeInteraction(this.#draw);
    this.#draw = null;
  }

  clearMeasure(): void {
    const old = this.#source.getFeatureById('measure');
    if (old) this.#source.removeFeature(old);
  }

  #begin(type: 'Polygon' | 'LineString', take: (geometry: Polygon | LineString) => void): void {
    this.stop();
    const draw = new Draw({
      type,
      style: (feature) => {
        const geometry = feature.getGeometry();
        if (geometry instanceof LineString && type === 'LineString') return measureStyle(geometry);
        return [...areaStyle, vertex];
      },
    });
    draw.on('drawend', (event) => {
      take(event.feature.getGeometry() as Polygon | LineString);
      // After this event has run its course: the interaction is still busy with it.
      setTimeout(() => {
        this.stop();
        if (type === 'Polygon') this.#tell();
        this.onFinished();
      });
    });
    this.#draw = draw;
    this.map.addInteraction(draw);
  }

  #tell(): void {
    const geometry = this.#area?.getGeometry();
    if (!geometry) {
      this.onArea(null, []);
      return;
    }
    const [outer, ...inner] = geometry.getCoordinates();
    this.onArea(openRing(outer!), inner.map(openRing));
  }
}

function measureStyle(line: LineString): Style[] {
  const text = distance(getLength(line));
  return [
    casing,
    new Style({
      stroke: new Stroke({ color: '#ffffff', width: 2, lineDash: [8, 5] }),
    }),
    new Style({ text: label(text, -14, '#ffffff', true) }),
  ];
}
